using NUnit.Framework;
using OtEngine.Cpu;

namespace OtEngine.Tests.Cpu;

[NonParallelizable]
public sealed class MachineLimitsTests
{
    // No core of today does more. There is no least: without vector instructions, on a busy machine, rates may be anything.
    private const double Most = 1e13;

    [Test]
    public void Limits_OfThisCore_AreNumbersThatACoreCanHave()
    {
        double cached = MachineLimits.ReadBytes(16 << 10);
        double[] rates =
        [
            cached, MachineLimits.ReadBytes(1000), MachineLimits.CopiedBytes(1 << 20), MachineLimits.Exponentials<float>(), MachineLimits.Exponentials<double>(),
            MachineLimits.MultiplyAdds<float>(), MachineLimits.MultiplyAdds<double>(),
        ];
        Assert.That(rates, Is.All.Positive);
        Assert.That(rates, Is.All.LessThan(Most));
    }
}

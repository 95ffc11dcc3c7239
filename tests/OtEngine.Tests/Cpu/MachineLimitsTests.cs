using NUnit.Framework;
using OtEngine.Cpu;

namespace OtEngine.Tests.Cpu;

[NonParallelizable]
public sealed class MachineLimitsTests
{
    // No core of today does a tenth or a hundred times of these.
    private const double Least = 1e7;
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
        Assert.That(rates, Is.All.InRange(Least, Most));
        Assert.That(MachineLimits.MultiplyAdds<float>(), Is.GreaterThan(MachineLimits.Exponentials<float>()), "an exponential takes several multiply-adds");
    }
}

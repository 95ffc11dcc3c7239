using OtEngine.Cli.Plots;

namespace OtEngine.Cli.Tests.Plots;

[TestFixture]
internal sealed class AxisTicksTests
{
    [TestCase(0, 1, 5, "0 0.2 0.4 0.6 0.8 1")]
    [TestCase(-0.37, 0.91, 5, "-0.2 0 0.2 0.4 0.6 0.8")]
    [TestCase(0, 1796, 4, "0 500 1000 1500")]
    [TestCase(1e-9, 9e-9, 3, "2e-9 4e-9 6e-9 8e-9")]
    [TestCase(2.999999, 3.000001, 2, "2.999999 3 3.000001")]
    public void Linear_GivesRoundNumbers(double min, double max, int wanted, string expected) =>
        Assert.That(string.Join(' ', AxisTicks.Linear(min, max, wanted).Select(AxisTicks.Label)), Is.EqualTo(expected));

    [TestCase(1, 1000, 5, "1 10 100 1000")]
    [TestCase(1e-12, 1, 5, "1e-12 1e-9 1e-6 0.001 1")]
    [TestCase(0.3, 40, 5, "1 10")]
    public void Logarithmic_GivesPowersOfTen(double min, double max, int wanted, string expected) =>
        Assert.That(string.Join(' ', AxisTicks.Logarithmic(min, max, wanted).Select(AxisTicks.Label)), Is.EqualTo(expected));

    [Test]
    public void Linear_AnyInterval_StaysInsideAndGrows()
    {
        var random = new Random(17);
        for (int k = 0; k < 2000; k++)
        {
            double min = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-300, 300));
            double max = min + (random.NextDouble() * Math.Pow(10, random.Next(-300, 300)));
            if (!(max > min))
                continue;

            double[] ticks = AxisTicks.Linear(min, max, 1 + (k % 9));
            Assert.That(ticks, Is.Ordered.Ascending);
            Assert.That(ticks, Has.Length.LessThan(40));

            // Ticks may pass an end by the rounding of their own decimal.
            double slack = (1e-8 * (max - min)) + (4 * Math.BitIncrement(Math.Max(Math.Abs(min), Math.Abs(max)))) - (4 * Math.Max(Math.Abs(min), Math.Abs(max)));
            Assert.That(ticks, Has.All.InRange(min - slack, max + slack));
        }
    }
}

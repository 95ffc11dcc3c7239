using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

public sealed class NaiveCostGradientTests
{
    // Central differences of functions of order one whose third derivatives are of order a hundred at most: step^2 of that, and roundings over the step.
    private const double Step = 1e-5;
    private const double OfDifferences = 1e-7;

    private static readonly double[] Zeros = [0, 0, 0];

    private static IEnumerable<NaiveCost> Grounds() =>
    [
        NaiveCost.SquaredEuclidean, NaiveCost.Euclidean, NaiveCost.Manhattan, NaiveCost.Chebyshev, NaiveCost.Cosine, NaiveCost.PNorm(3, 1),
        NaiveCost.PNorm(1.5, 2), NaiveCost.PNorm(2, .5), NaiveCost.PNorm(1, 3), NaiveCost.PNorm(double.PositiveInfinity, 2),
    ];

    [TestCaseSource(nameof(Grounds))]
    public void Of_AwayFromKinks_IsTheLimitOfDifferences(NaiveCost cost)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            double[] x = Drawn.Cloud(seed, 1, 3), y = Drawn.Cloud(seed + 100, 1, 3);
            double[] differences = [.. Enumerable.Range(0, 3).Select(k => (cost.Value(Moved(x, k, Step), y) - cost.Value(Moved(x, k, -Step), y)) / (2 * Step))];
            Assert.That(NaiveCostGradient.Of(cost)(x, y), Is.EqualTo(differences).Within(OfDifferences * (1 + differences.Max(Math.Abs))), $"seed {seed}");
        }
    }

    [TestCaseSource(nameof(Grounds))]
    public void Of_PointsThatCoincide_IsZero(NaiveCost cost) =>
        Assert.That(NaiveCostGradient.Of(cost)([1, -2, 2], [1, -2, 2]), Is.EqualTo(Zeros).Within(1e-16));

    [Test]
    public void OfPlan_TwoPairsByHand_IsTheirWeightedSum() =>
        Assert.That(NaiveCostGradient.OfPlan(NaiveCost.SquaredEuclidean, [.25, .75, 0, 2], [1, 5], [0, 3], 1), Is.EqualTo(new[] { (.25 * 2) - (.75 * 4), 8.0 }));

    private static double[] Moved(double[] x, int k, double step) => [.. x.Select((t, l) => l == k ? t + step : t)];
}

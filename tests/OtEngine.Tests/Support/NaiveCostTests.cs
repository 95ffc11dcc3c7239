using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

public sealed class NaiveCostTests
{
    // A few roundings of a double.
    private const double Rounding = 1e-15;

    private static readonly double[] PointX = [1, -2, 2];
    private static readonly double[] PointY = [4, 2, 2];

    private static IEnumerable<TestCaseData> ByHand()
    {
        yield return new TestCaseData(NaiveCost.SquaredEuclidean, 25.0);
        yield return new TestCaseData(NaiveCost.Euclidean, 5.0);
        yield return new TestCaseData(NaiveCost.Manhattan, 7.0);
        yield return new TestCaseData(NaiveCost.Chebyshev, 4.0);
        yield return new TestCaseData(NaiveCost.Cosine, 1 - (4 / (3 * Math.Sqrt(24))));
        yield return new TestCaseData(NaiveCost.PNorm(3, 3), 91.0);
        yield return new TestCaseData(NaiveCost.PNorm(3, 1), Math.Cbrt(91));
        yield return new TestCaseData(NaiveCost.PNorm(4, 2), Math.Sqrt(81 + 256));
    }

    [TestCaseSource(nameof(ByHand))]
    public void Value_TwoPointsByHand_IsTheDefinition(NaiveCost cost, double expected) =>
        Assert.That(RelativeError.Of(cost.Value(PointX, PointY), expected), Is.LessThanOrEqualTo(Rounding));

    [Test]
    public void Between_TwoByThreePoints_IsRowMajor() =>
        Assert.That(NaiveCost.Manhattan.Between([0, 0, 1, 5], [0, 0, 2, 0, 1, 1], 2), Is.EqualTo(new double[] { 0, 2, 2, 6, 6, 4 }));

    [Test]
    public void Named_UnknownCost_IsRefused() => Assert.That(() => NaiveCost.Named("braycurtis", 0, 0), Throws.ArgumentException);
}

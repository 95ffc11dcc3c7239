using NUnit.Framework;

namespace OtEngine.Tests;

internal sealed class DenseGeometryTests
{
    [TestCase(0, 3, ProblemError.Empty)]
    [TestCase(3, 0, ProblemError.Empty)]
    [TestCase(-1, -6, ProblemError.OutOfRange)]
    [TestCase(6, -1, ProblemError.OutOfRange)]
    [TestCase(2, 4, ProblemError.ShapeMismatch)]
    [TestCase(1, 5, ProblemError.ShapeMismatch)]
    public void Sizes_ThatDoNotFitTheMatrix_AreRefused(int rows, int columns, ProblemError error)
    {
        Refusal.With(error, () => _ = new DenseGeometry<double>(new double[6], rows, columns));
        Refusal.With(error, () => _ = new DenseGeometry<float>(new float[6], rows, columns));
    }

    // 46341 is the first whose square passes Array.MaxLength; the last two products pass 2^32 and nearly 2^62.
    [TestCase(46341, 46341, "2147488281")]
    [TestCase(1, int.MaxValue, "2147483647")]
    [TestCase(65536, 65536, "4294967296")]
    [TestCase(int.MaxValue, int.MaxValue, "4611686014132420609")]
    public void Sizes_WhoseProductNoArrayHolds_AreRefused(int rows, int columns, string count) =>
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => _ = new DenseGeometry<double>([1], rows, columns), count);

    [Test]
    public void Sizes_AtTheLargestSquare_AreHeldAgainstTheMatrix() =>
        Refusal.WithoutAllocating(ProblemError.ShapeMismatch, () => _ = new DenseGeometry<double>([1], 46340, 46340), "2147395600");

    [Test]
    public void Costs_NotFinite_AreRefused([Values] bool last, [Values(double.NaN, double.PositiveInfinity, double.NegativeInfinity)] double value)
    {
        foreach (int count in (int[])[1, 2, 7, 8, 9, 17])
        {
            double[] costs = new double[count];
            costs[last ? count - 1 : 0] = value;
            string says = FormattableString.Invariant($"cost[{(last ? count - 1 : 0)}] is {value}");
            Refusal.With(ProblemError.NotFinite, () => _ = new DenseGeometry<double>(costs, 1, count), says);
            Refusal.With(ProblemError.NotFinite, () => _ = new DenseGeometry<float>(ExactInputs.To<float>(costs), count, 1), says);
        }
    }

    [TestCase(0)]
    [TestCase(0.999)]
    [TestCase(-2)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void MetricPower_OutOfRange_IsRefused(double power) =>
        Refusal.With(ProblemError.OutOfRange, () => _ = new DenseGeometry<double>([1, 2], 1, 2, power), "metric power");

    [Test]
    public void Costs_Null_AreRefused() => Assert.That(() => new DenseGeometry<double>(null!, 1, 2), Throws.ArgumentNullException);

    [Test]
    public void ElementType_OtherThanFloatAndDouble_IsRefused()
    {
        Refusal.With(ProblemError.Unsupported, () => _ = new DenseGeometry<Half>([Half.One], 1, 1), "Half");
        Refusal.With(ProblemError.Unsupported, () => TransportProblem.FromCosts(new[,] { { Half.One } }), "Half");
        Refusal.With(ProblemError.Unsupported, () => _ = new PointCloudGeometry<Half>([Half.One], [Half.One], 1, Cost.Euclidean), "Half");
        Refusal.With(ProblemError.Unsupported, () => _ = new SparseGeometry<Half>([0, 1], [0], [Half.One], 1), "Half");
    }
}

using NUnit.Framework;

namespace OtEngine.Tests;

internal sealed class GridGeometryTests
{
    [Test]
    public void Costs_AreSumsOverAxes_TheLastAxisFastest()
    {
        GridGeometry<double> grid = new([2, 3], [2, 0.5]);
        DenseGeometry<double> one = new([0, 4, 4, 0], 2, 2);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(grid.Rows, Is.EqualTo(6));
            Assert.That(grid.AxisCosts[0], Is.EqualTo(one.Costs));
            Assert.That(grid.AxisCosts[1], Is.EqualTo((double[])[0, 0.25, 1, 0.25, 0, 0.25, 1, 0.25, 0]));
            Assert.That(grid.ShapeA, Is.EqualTo((int[])[2, 3]));
            Assert.That(grid.ShapeB, Is.EqualTo((int[])[2, 3]));
        }
    }

    [TestCase(2, 2)]
    [TestCase(1, 1)]
    [TestCase(1.5, 1.5)]
    public void MetricPower_OfARegularGrid_IsItsExponent(double exponent, double power) =>
        Assert.That(new GridGeometry<float>([3, 3], 1, exponent).MetricPower, Is.EqualTo(power));

    [Test]
    public void MetricPower_WhereNoneIsKnown_IsNull()
    {
        Assert.That(new GridGeometry<double>([3], 1, 0.5).MetricPower, Is.Null);
        Assert.That(new GridGeometry<double>([new double[2, 2]]).MetricPower, Is.Null);
        Assert.That(new GridGeometry<double>([new double[2, 2]], 2).MetricPower, Is.EqualTo(2));
    }

    [Test]
    public void AxisCosts_AreCopied()
    {
        double[,] costs = { { 0, 1 }, { 1, 0 } };
        GridGeometry<double> grid = new([costs]);
        costs[0, 0] = double.NaN;
        Assert.That(grid.AxisCosts[0], Is.EqualTo((double[])[0, 1, 1, 0]));
    }

    [Test]
    public void Shapes_ThatAreNoGrid_AreRefused()
    {
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>(ReadOnlySpan<int>.Empty), "number of axes");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([1, 1, 1, 1, 1, 1, 1, 1, 1]), "number of axes");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([3, 0, 2]), "axis 1");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([3, -2, -2]), "axis 1");
        Refusal.With(ProblemError.ShapeMismatch, () => _ = new GridGeometry<double>([3, 2], [1.0]), "spacings");
        Refusal.With(ProblemError.Unsupported, () => _ = new GridGeometry<Half>([3, 2]), "Half");
    }

    // 2^31 cells; 2^62 and more, where products of ints and longs wrap; one axis whose matrix no array holds.
    [Test]
    public void Shapes_TooLargeForAnArray_AreRefusedBeforeMemoryIsTaken()
    {
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => _ = new GridGeometry<double>([65536, 32768]), "2147483648");
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => _ = new GridGeometry<double>([int.MaxValue, int.MaxValue]), "4611686014132420609");
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => _ = new GridGeometry<double>([65536, 65536, 65536, 65536, 2]), "36893488147419103232");
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => _ = new GridGeometry<double>([1 << 20]), "1099511627776");
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => _ = new GridGeometry<double>([3, 46341]), "2147488281");
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void SpacingsAndExponents_OutOfRange_AreRefused(double value)
    {
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([3, 4], value), "spacings[0]");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([3, 4], [1, value]), "spacings[1]");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([3, 4], 1, value), "exponent");
    }

    [Test]
    public void Costs_BeyondDouble_AreRefused()
    {
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([3], 1e200), "largest cost");
        double[,] huge = { { 1.7e308 } };
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([huge, huge]), "largest cost");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([huge, new double[,] { { -1.7e308 } }]), "largest cost");
    }

    [Test]
    public void AxisCosts_ThatAreNoCosts_AreRefused([Values(double.NaN, double.PositiveInfinity, double.NegativeInfinity)] double value)
    {
        Refusal.With(ProblemError.NotFinite, () => _ = new GridGeometry<double>([new double[1, 1], new double[,] { { 1, value } }]), "axis 1");
        Refusal.With(ProblemError.NotFinite, () => _ = new GridGeometry<float>([new float[,] { { (float)value } }]), "axis 0");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([new double[1, 1], new double[0, 3]]), "axis 1");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([new double[3, 0]]), "axis 0");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([.. Enumerable.Repeat(new double[1, 1], 9)]), "number of axes");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GridGeometry<double>([new double[1, 1]], value), "metric power");
        Assert.That(() => new GridGeometry<double>((IReadOnlyList<double[,]>)null!), Throws.ArgumentNullException);
        Assert.That(() => new GridGeometry<double>([new double[1, 1], null!]), Throws.ArgumentNullException);
    }

    [Test]
    public void AxisCosts_OfSidesTooLarge_AreRefused()
    {
        Refusal.With(ProblemError.TooLarge, () => _ = new GridGeometry<double>([.. Enumerable.Repeat(new double[20, 1], 8)]), "25600000000");
        Refusal.With(ProblemError.TooLarge, () => _ = new GridGeometry<double>([.. Enumerable.Repeat(new double[1, 20], 8)]), "25600000000");
    }
}

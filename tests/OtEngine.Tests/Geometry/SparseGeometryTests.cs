using NUnit.Framework;

namespace OtEngine.Tests;

/// <summary>Compressed rows come from other programs: nothing about them is believed.</summary>
internal sealed class SparseGeometryTests
{
    // Three sources, four sinks, five arcs; the second source has none.
    private static readonly int[] Starts = [0, 2, 2, 5];
    private static readonly int[] Columns = [0, 3, 0, 1, 2];

    [Test]
    public void Arcs_ThatAreWellFormed_AreTaken()
    {
        SparseGeometry<double> geometry = Of(Starts, Columns);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((geometry.Rows, geometry.Columns, geometry.ArcCount), Is.EqualTo((3, 4, 5)));
            Assert.That(geometry.MetricPower, Is.Null);
        }
    }

    [TestCase(new[] { 1, 2, 2, 5 }, "rowStarts[0] is 1")]
    [TestCase(new[] { -1, 2, 2, 5 }, "rowStarts[0] is -1")]
    [TestCase(new[] { 0, 2, 2, 4 }, "last row start is 4")]
    [TestCase(new[] { 0, 2, 2, 6 }, "last row start is 6")]
    [TestCase(new[] { 0, 2, 1, 5 }, "rowStarts[2] is 1")]
    [TestCase(new[] { 0, 2, 6, 5 }, "rowStarts[2] is 6")]
    [TestCase(new[] { 0, -3, 2, 5 }, "rowStarts[1] is -3")]
    [TestCase(new[] { 0, int.MaxValue, 2, 5 }, "rowStarts[1]")]
    [TestCase(new[] { 0, int.MinValue, 2, 5 }, "rowStarts[1]")]
    public void RowStarts_OutOfOrderOrRange_AreRefused(int[] starts, string says) =>
        Refusal.With(ProblemError.OutOfRange, () => Of(starts, Columns), says);

    [TestCase(new[] { 0, 0, 0, 1, 2 }, "columnIndices[1] is 0")]
    [TestCase(new[] { 3, 0, 0, 1, 2 }, "columnIndices[1] is 0")]
    [TestCase(new[] { 0, 4, 0, 1, 2 }, "columnIndices[1] is 4")]
    [TestCase(new[] { -1, 3, 0, 1, 2 }, "columnIndices[0] is -1")]
    [TestCase(new[] { 0, 3, 0, 2, 1 }, "columnIndices[4] is 1")]
    [TestCase(new[] { 0, 3, 0, 1, int.MaxValue }, "columnIndices[4]")]
    public void ColumnIndices_NotIncreasingOrOutOfRange_AreRefused(int[] columns, string says) =>
        Refusal.With(ProblemError.OutOfRange, () => Of(Starts, columns), says);

    [Test]
    public void Sizes_ThatAreEmptyOrDisagree_AreRefused()
    {
        Refusal.With(ProblemError.Empty, () => Of([], []));
        Refusal.With(ProblemError.Empty, () => Of([0], []));
        Refusal.With(ProblemError.Empty, () => _ = new SparseGeometry<double>([0, 0], [], [], 0));
        Refusal.With(ProblemError.OutOfRange, () => _ = new SparseGeometry<double>([0, 0], [], [], -4), "-4");
        Refusal.With(ProblemError.ShapeMismatch, () => _ = new SparseGeometry<double>(Starts, Columns, new double[4], 4), "5 are needed");
    }

    // Two billion sinks take no memory to claim, and seventeen gigabytes to solve for.
    [Test]
    public void Columns_MoreThanASolverCanServe_AreRefused() =>
        Refusal.WithoutAllocating(ProblemError.TooLarge, () => _ = new SparseGeometry<double>([0, 1], [0], [1], int.MaxValue), "2147483647");

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void Costs_NotFinite_AreRefused(double cost) =>
        Refusal.With(ProblemError.NotFinite, () => _ = new SparseGeometry<double>(Starts, Columns, [1, 2, 3, 4, cost], 4), "arc cost[4]");

    [Test]
    public void Null_IsRefused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => new SparseGeometry<double>(null!, [], [], 1), Throws.ArgumentNullException);
            Assert.That(() => new SparseGeometry<double>([0, 0], null!, [], 1), Throws.ArgumentNullException);
            Assert.That(() => new SparseGeometry<double>([0, 0], [], null!, 1), Throws.ArgumentNullException);
        }
    }

    private static SparseGeometry<double> Of(int[] starts, int[] columns) => new(starts, columns, [.. columns.Select((_, k) => (double)k)], 4);
}

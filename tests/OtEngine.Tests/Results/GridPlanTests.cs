using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Plans on grids against their definition, entry by entry.</summary>
internal sealed class GridPlanTests
{
    /// <summary>Relative to the largest image: exponents of some hundreds round to 1e-13, and logarithms of parts cost two more.</summary>
    private const double Rounding = 1e-12;

    private static IEnumerable<GridCase> Cases => GridCase.All;

    [TestCaseSource(nameof(Cases))]
    public void Plan_OnAGrid_IsItsDefinition(GridCase @case)
    {
        foreach (double ratio in (double[])[1e-2, 1])
        {
            using TransportResult<double> result = Engines.Default.Solve(
                TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B), new Sinkhorn { EpsilonRelative = ratio });
            double[] plan = NaiveEntropic.Plan(
                @case.Matrix(), @case.A, @case.B, result.Potentials.F.ToArray(), result.Potentials.G.ToArray(), result.Epsilon);
            double[] values = Drawn.Cloud(3, @case.Columns, 1), valuesA = Drawn.Cloud(4, @case.Rows, 1);
            double[] images = new double[@case.Rows], imagesB = new double[@case.Columns];
            result.Plan.Apply(values, images);
            result.Plan.ApplyTransposed(valuesA, imagesB);
            double[] written = [.. result.Plan.Materialize()];
            using (Assert.EnterMultipleScope())
            {
                Assert.That(images, Is.EqualTo(NaiveEntropic.Apply(plan, values, 1)).Within(Rounding), "P v");
                Assert.That(imagesB, Is.EqualTo(NaiveEntropic.Apply(NaiveSoftMin.Transposed(plan, @case.Rows), valuesA, 1)).Within(Rounding), "P^T v");
                Assert.That(written, Is.EqualTo(plan).Within(Rounding), "entries");
                Assert.That(result.Plan.ToSparse(1e-9).Select(e => e.Mass), Is.EqualTo(plan.Where(p => p > 1e-9)).Within(Rounding), "entries above a threshold");
            }
        }
    }

    [Test]
    public void Barycentric_OnAGrid_IsTheMeanOfItsRow()
    {
        GridCase @case = GridCase.All.First(c => c.Rows != c.Columns);
        using TransportResult<double> result = Engines.Default.Solve(TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B), new Sinkhorn());
        double[] plan = NaiveEntropic.Plan(
            @case.Matrix(), @case.A, @case.B, result.Potentials.F.ToArray(), result.Potentials.G.ToArray(), result.Epsilon);
        double[] y = Drawn.Cloud(6, @case.Columns, 3);
        double[] images = NaiveEntropic.Apply(plan, y, 3), masses = NaiveEntropic.RowSums(plan, @case.Rows);
        double[] actual = new double[3 * @case.Rows];
        result.Plan.Barycentric(y, 3, actual);
        for (int k = 0; k < actual.Length; k++)
            Assert.That(actual[k], masses[k / 3] > 0 ? Is.EqualTo(images[k] / masses[k / 3]).Within(1e-10) : Is.NaN, $"coordinate {k}");
    }

    // Both read the rows of one plan through the same draws; sums differ by roundings, which move no draw here.
    [Test]
    public void Sample_OnAGrid_IsThatOfItsMatrix()
    {
        GridCase @case = GridCase.All.First(c => c.Rows != c.Columns);
        Sinkhorn solver = new() { Tolerance = 0, MaxIterations = 100 };
        using TransportResult<double> grid = Engines.Default.Solve(TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B), solver);
        using TransportResult<double> matrix = Engines.Default.Solve(TransportProblem.On<double>(@case.Dense()).WithWeights(@case.A, @case.B), solver);
        (int Row, int Column)[] pairs = grid.Plan.Sample(new Random(5), 500);
        Assert.That(pairs, Is.EqualTo(matrix.Plan.Sample(new Random(5), 500)));
        Assert.That(pairs.All(p => @case.A[p.Row] > 0 && @case.B[p.Column] > 0));
    }

    [Test]
    public void Apply_OfNaN_IsNaNWhereThereIsMass()
    {
        GridCase @case = GridCase.All.First(c => c.Rows != c.Columns);
        using TransportResult<double> result = Engines.Default.Solve(TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B), new Sinkhorn());
        double[] values = new double[@case.Columns], images = new double[@case.Rows];
        values[Array.FindIndex(@case.B, b => b > 0)] = double.NaN;
        result.Plan.Apply(values, images);
        for (int i = 0; i < images.Length; i++)
            Assert.That(double.IsNaN(images[i]), Is.EqualTo(@case.A[i] > 0), $"row {i}");
    }
}

using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Grids at the ends of the range of numbers: what is returned is right, or says that it is not.</summary>
internal sealed class GridExtremeTests
{
    private static IEnumerable<GridCase> Cases => GridCase.All;

    // Down to eps at which nothing of the plan is left in double; a few sweeps, and many.
    [TestCaseSource(nameof(Cases))]
    public void Bracket_AtAnyEpsilon_HoldsTheExactCost(GridCase @case)
    {
        TransportProblem<double> problem = TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B);
        using TransportResult<double> exact = Engines.Default.Solve(problem, new Exact());
        double rounding = 1e-14 * TransportEvidence.LargestMagnitude(@case.Matrix());
        foreach (double epsilon in (double[])[1e-300, 1e-20, 1e-9, 1e-4, 0.01, 1, 1e6, 1e300])
        {
            foreach (int sweeps in (int[])[1, 2, Engines.IsSlow ? 20 : 200])
            {
                using TransportResult<double> result = Engines.Default.Solve(problem, new Sinkhorn { Epsilon = epsilon, MaxIterations = sweeps });
                string name = FormattableString.Invariant($"eps {epsilon}, {sweeps} sweeps: {result.Status}");
                using (Assert.EnterMultipleScope())
                {
                    Assert.That(result.LowerBound, Is.LessThanOrEqualTo(exact.UpperBound + rounding), name);
                    Assert.That(result.UpperBound, Is.GreaterThanOrEqualTo(exact.LowerBound - rounding), name);
                    if (result.Status == SolveStatus.Converged)
                        Assert.That(Math.Max(result.MarginalErrorA, result.MarginalErrorB), Is.LessThanOrEqualTo(1e-6), name);
                }
            }
        }
    }

    [TestCase(1e15)]
    [TestCase(-1e15)]
    public void WarmStart_FarFromZero_GivesTheSameAnswer(double constant)
    {
        GridCase @case = GridCase.All.First(c => c.Rows != c.Columns);
        TransportProblem<double> problem = TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B);
        double[] f = new double[@case.Rows], g = new double[@case.Columns];
        Array.Fill(f, constant);
        Array.Fill(g, -constant);
        using TransportResult<double> cold = Engines.Default.Solve(problem, new Sinkhorn { Tolerance = 1e-10 });
        using TransportResult<double> warm = Engines.Default.Solve(problem, new Sinkhorn { Tolerance = 1e-10, WarmStart = new DualPotentials(f, g) });
        Assert.That(warm.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(warm.TransportCost, Is.EqualTo(cold.TransportCost).Within(1e-8));
    }

    [TestCase(1e-290)]
    [TestCase(1e290)]
    public void Costs_OfAnySize_ScaleTheAnswer(double size)
    {
        GridCase @case = GridCase.All.First(c => c.Rows != c.Columns);
        GridCase scaled = new("scaled", [.. @case.AxisCosts.Select(costs => Scaled(costs, size))]);
        Sinkhorn solver = new() { Tolerance = 1e-9 };
        using TransportResult<double> expected = Engines.Default.Solve(TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B), solver);
        using TransportResult<double> actual = Engines.Default.Solve(TransportProblem.On<double>(scaled.Geometry).WithWeights(@case.A, @case.B), solver);
        Assert.That(actual.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(actual.TransportCost / size, Is.EqualTo(expected.TransportCost).Within(1e-8));
    }

    [Test]
    public void OneCellOfMassOnEachSide_CostsItsPair()
    {
        GridGeometry<double> grid = new([5, 4]);
        double[] a = new double[20], b = new double[20];
        (a[1], b[18]) = (3, 3);
        using TransportResult<double> result = Engines.Default.Solve(TransportProblem.On<double>(grid).WithWeights(a, b), new Sinkhorn { Epsilon = 0.01 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(result.TransportCost, Is.EqualTo(3 * (16 + 1)).Within(1e-10));
            Assert.That(result.Potentials.F.ToArray(), Is.All.Matches<double>(double.IsFinite));
            Assert.That(result.Potentials.G.ToArray(), Is.All.Matches<double>(double.IsFinite));
        }
    }

    // Large enough for the exact solver to work on few arcs.
    [Test]
    public void Exact_OnALargeGrid_IsCertified()
    {
        GridGeometry<double> grid = new([41, 39]);
        double[] a = Drawn.ExactWeights(1, grid.Rows), b = Drawn.ExactWeights(2, grid.Rows);
        using TransportResult<double> exact = Engines.Default.Solve(TransportProblem.On<double>(grid).WithWeights(a, b), new Exact());
        using TransportResult<double> soft = Engines.Default.Solve(TransportProblem.On<double>(grid).WithWeights(a, b), new Sinkhorn { Epsilon = 0.5 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exact.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(soft.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(exact.TransportCost, Is.InRange(soft.LowerBound, soft.UpperBound));
        }
    }

    private static double[,] Scaled(double[,] costs, double size)
    {
        double[,] scaled = (double[,])costs.Clone();
        for (int i = 0; i < scaled.GetLength(0); i++)
        {
            for (int j = 0; j < scaled.GetLength(1); j++)
                scaled[i, j] *= size;
        }

        return scaled;
    }
}

using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

public sealed class OracleFileTests
{
    [Test]
    public void Exact_FiveHundredProblems_AreBalancedToTheLastBit()
    {
        Assert.That(OracleFile.Exact, Has.Count.EqualTo(500));
        foreach (var problem in OracleFile.Exact)
        {
            Assert.That(problem.A.Sum(), Is.EqualTo(problem.B.Sum()), problem.Name);
            Assert.That(problem.A.Min(), Is.GreaterThanOrEqualTo(0), problem.Name);
            Assert.That(problem.CostMatrix(), Has.Length.EqualTo(problem.A.Length * problem.B.Length), problem.Name);
        }
    }

    [Test]
    public void Exact_DegenerateProblems_AreAmongThem()
    {
        var problems = OracleFile.Exact;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(problems.Count(p => p.A.Contains(0)), Is.GreaterThan(50));
            Assert.That(problems.Count(p => p.A.Length != p.B.Length), Is.GreaterThan(200));
            Assert.That(problems.Count(p => p.A.Length == 1 || p.B.Length == 1), Is.GreaterThan(10));
            Assert.That(problems.Count(p => p.Value < 0), Is.GreaterThan(5));
            Assert.That(problems.Count(p => p.Value > 1e25), Is.GreaterThan(10));
            Assert.That(problems.Count(p => p.A.Max() / p.A.Where(w => w > 0).Min() > 1e10), Is.GreaterThan(10));
        }
    }

    [Test]
    public void Entropic_SeventyProblems_AreBalancedAndOfEveryKind()
    {
        IReadOnlyList<EntropicCase> problems = OracleFile.Entropic;
        Assert.That(problems, Has.Count.EqualTo(70));
        foreach (EntropicCase problem in problems)
        {
            Assert.That(problem.A.Sum(), Is.EqualTo(problem.B.Sum()), problem.Name);
            Assert.That(problem.CostMatrix(), Has.Length.EqualTo(problem.A.Length * problem.B.Length), problem.Name);
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(problems.GroupBy(p => p.Ratio).Select(g => (g.Key, g.Count())), Is.EquivalentTo(new[] { 1e-3, 1e-2, 1e-1, 1, 10 }.Select(r => (r, 14))));
            Assert.That(problems.Count(p => p.A.Contains(0) || p.B.Contains(0)), Is.GreaterThan(20));
            Assert.That(problems.Count(p => p.A.Length != p.B.Length), Is.GreaterThan(40));
            Assert.That(problems.Count(p => p.Shape.Length > 0), Is.EqualTo(10));
            Assert.That(problems.Count(p => p.A.Max() / p.A.Where(w => w > 0).Min() > 1e10), Is.GreaterThan(2));
        }
    }

    [Test]
    public void Entropic_Grids_AreTheirPointClouds()
    {
        foreach (EntropicCase problem in OracleFile.Entropic.Where(p => p.Shape.Length > 0))
        {
            double[] points = NaiveGrid.Points([.. problem.Shape.Zip(problem.Spacings, (count, spacing) => Enumerable.Range(0, count).Select(k => k * spacing).ToArray())]);
            Assert.That((problem.X, problem.Y), Is.EqualTo((points, points)), problem.Name);
        }
    }

    [Test]
    public void Assignment_FiveHundredProblems_AddUpToTheirValues()
    {
        Assert.That(OracleFile.Assignment, Has.Count.EqualTo(500));
        foreach (var problem in OracleFile.Assignment)
        {
            Assert.That(problem.Cost, Has.Length.EqualTo(problem.RowCount * problem.ColumnCount), problem.Name);
            Assert.That(problem.Cost.Any(double.IsNaN), Is.False, problem.Name);
            if (!problem.IsFeasible)
                continue;
            Assert.That(problem.Columns.Distinct().Count(), Is.EqualTo(Math.Min(problem.RowCount, problem.ColumnCount)), problem.Name);
            double total = problem.Rows.Zip(problem.Columns, (i, j) => problem.Cost[(i * problem.ColumnCount) + j]).Sum();
            Assert.That(total, Is.EqualTo(problem.Value), problem.Name);
        }
    }

    [Test]
    public void Transforms_Plans_HaveTheirMarginalsAndBarycentres()
    {
        // Sums of a few masses that are whole numbers times a power of two, and one division.
        const double Rounding = 1e-14;
        foreach (var problem in OracleFile.Transforms)
        {
            Assert.That(TransportEvidence.MarginalError(problem.Plan, problem.A, problem.B), Is.Zero, problem.Name);
            double[][] points = [.. problem.Y.Chunk(problem.Dimension)];
            double[] map = [.. problem.Plan.Chunk(problem.B.Length).SelectMany((row, i) => Enumerable.Range(0, problem.Dimension)
                .Select(k => row.Zip(points, (mass, y) => mass * y[k]).Sum() / problem.A[i]))];
            Assert.That(map, Is.EqualTo(problem.Barycentric).Within(Rounding), problem.Name);
        }
    }

    [Test]
    public void Reference_ExactCases_HaveTheNaiveValue()
    {
        var problems = OracleFile.Reference.Where(c => c.Family == "exact").ToList();
        Assert.That(problems, Has.Count.EqualTo(17));
        foreach (var problem in problems)
        {
            double[] cost = problem.Cost == "matrix"
                ? problem.Arrays["C"].Values
                : NaiveCost.Named(problem.Cost, 0, 0).Between(problem.Arrays["x"].Values, problem.Arrays["y"].Values, problem.Arrays["x"].Columns);
            double expected = problem.Expected["transport_cost"][0];
            double actual = NaiveTransportLp.Solve(cost, problem.Arrays["a"].Values, problem.Arrays["b"].Values).Value;
            Assert.That(actual, Is.EqualTo(expected).Within(problem.AbsoluteTolerance + (problem.RelativeTolerance * expected)), problem.Name);
        }
    }

    [Test]
    public void Reference_SinkhornCases_HaveTheNaiveValues()
    {
        List<ReferenceCase> problems = [.. OracleFile.Reference.Where(c => c.Family == "sinkhorn")];
        Assert.That(problems, Has.Count.EqualTo(5));
        foreach (ReferenceCase problem in problems)
        {
            double[] a = problem.Arrays["a"].Values, b = problem.Arrays["b"].Values;
            double[] cost = problem.Cost == "matrix"
                ? problem.Arrays["C"].Values
                : NaiveCost.Named(problem.Cost, 0, 0).Between(problem.Arrays["x"].Values, problem.Arrays["y"].Values, problem.Arrays["x"].Columns);
            (double[] f, double[] g, _) = NaiveSinkhorn.Solve(cost, a, b, problem.Epsilon, 1e-11);
            double[] plan = NaiveEntropic.Plan(cost, a, b, f, g, problem.Epsilon);
            IsExpected("plan", plan);
            IsExpected("transport_cost", [TransportEvidence.TransportCost(cost, plan)]);
            IsExpected("regularized_cost", [NaiveEntropic.RegularizedCost(cost, plan, a, b, problem.Epsilon)]);

            void IsExpected(string what, double[] actual)
            {
                if (!problem.Expected.TryGetValue(what, out double[]? expected))
                    return;
                Assert.That(actual, Has.Length.EqualTo(expected.Length), problem.Name);
                for (int k = 0; k < actual.Length; k++)
                {
                    double tolerance = problem.AbsoluteTolerance + (problem.RelativeTolerance * Math.Abs(expected[k]));
                    Assert.That(actual[k], Is.EqualTo(expected[k]).Within(tolerance), $"{problem.Name} {what} {k}");
                }
            }
        }
    }

    [Test]
    public void Reference_LineAndCircleCases_HaveTheNaiveValue()
    {
        foreach (var problem in OracleFile.Reference.Where(c => c.Family is "line" or "circle"))
        {
            double[] x = problem.Arrays["x"].Values, y = problem.Arrays["y"].Values;
            double[] a = Weights(problem, "a", x.Length), b = Weights(problem, "b", y.Length);
            double expected = problem.Expected["transport_cost"][0];
            double actual = problem.Family == "line"
                ? NaiveOneDimension.Line(x, y, a, b, problem.P)
                : NaiveOneDimension.Circle(x, y, a, b, problem.P);
            Assert.That(actual, Is.EqualTo(expected).Within(problem.AbsoluteTolerance + (problem.RelativeTolerance * expected)), problem.Name);
        }
    }

    // Circle cases have no weights: uniform.
    private static double[] Weights(ReferenceCase problem, string name, int count) =>
        problem.Arrays.TryGetValue(name, out var given) ? given.Values : [.. Enumerable.Repeat(1.0 / count, count)];
}

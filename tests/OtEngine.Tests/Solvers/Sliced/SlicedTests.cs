using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Solvers.Sliced;

/// <summary>Sliced distances: reference values, laws, gradients by differences, matchings, fixed clouds, refusals.</summary>
internal sealed class SlicedTests
{
    private const double Rounding = 1e-12;
    private const int N = 40;
    private const int M = 33;
    private const int D = 3;

    private static TransportProblem<double> Problem(int n = N, int m = M, int seed = 1) => Points(Drawn.Cloud(seed, n, D), Drawn.Cloud(seed + 1, m, D, 0.4))
        .WithWeights(Drawn.ExactWeights(seed + 2, n), Drawn.ExactWeights(seed + 3, m));

    private static TransportProblem<double> Points(double[] x, double[] y, int dimension = D) => TransportProblem.On(new PointCloudGeometry<double>(x, y, dimension, Cost.Euclidean));

    [Test]
    public void Solve_ReferenceCases_HaveTheirDistances()
    {
        List<ReferenceCase> cases = [.. OracleFile.Reference.Where(c => c.Family == "sliced")];
        Assert.That(cases, Has.Count.EqualTo(4));
        foreach (ReferenceCase problem in cases)
        {
            (double[] x, int dimension) = problem.Arrays["x"];
            TransportProblem<double> stated = Points(x, problem.Arrays["y"].Values, dimension);
            if (problem.Arrays.TryGetValue("a", out var a))
                stated = stated.WithWeights(a.Values, problem.Arrays["b"].Values);
            OtEngine.Sliced solver = new() { Order = problem.P, Directions = problem.Arrays["projections"].Values };
            double expected = problem.Expected["distance"][0];
            Assert.That(Engines.Default.SolveSliced(stated, solver).Distance, Is.EqualTo(expected).Within(problem.AbsoluteTolerance + (problem.RelativeTolerance * expected)), problem.Name);
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3.5)]
    public void Distance_IsTheRootOfTheMeanOfTheLines(double p)
    {
        TransportProblem<double> problem = Problem();
        PointCloudGeometry<double> points = (PointCloudGeometry<double>)problem.Geometry;
        SlicedResult<double> result = Engines.Default.SolveSliced(problem, new OtEngine.Sliced { Order = p, Projections = 7, Seed = 3 });
        double[] costs = [.. Enumerable.Range(0, 7).Select(l => Line(points, problem, result.Directions.Span.Slice(l * D, D).ToArray(), p))];
        using (Assert.EnterMultipleScope())
        {
            for (int l = 0; l < 7; l++)
                Assert.That(RelativeError.Of(result.Costs.Span[l], costs[l]), Is.LessThanOrEqualTo(Rounding));
            Assert.That(RelativeError.Of(result.Distance, Math.Pow(costs.Average(), 1 / p)), Is.LessThanOrEqualTo(Rounding));
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(Engines.Default.SolveSliced(problem, new OtEngine.Sliced { Order = p, Projections = 7, Seed = 3, Max = true }).Cost, Is.EqualTo(result.Costs.ToArray().Max()));
            Assert.That(result.Costs.Span[result.LargestDirection], Is.EqualTo(result.Costs.ToArray().Max()));
        }
    }

    [Test]
    public void Directions_ThatAreDrawn_AreUnitVectorsOfTheirSeed()
    {
        OtEngine.Sliced solver = new() { Projections = 30, Seed = 5 };
        double[] first = Engines.Default.SolveSliced(Problem(), solver).Directions.ToArray(), again = Engines.Default.SolveSliced(Problem(8, 9), solver).Directions.ToArray();
        double[] other = Engines.Default.SolveSliced(Problem(), solver with { Seed = 6 }).Directions.ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(again, Is.EqualTo(first));
            Assert.That(other, Is.Not.EqualTo(first));
            foreach (double[] direction in first.Chunk(D))
                Assert.That(direction.Sum(c => c * c), Is.EqualTo(1).Within(1e-14));
        }
    }

    [Test]
    public void Translation_MovesACloudByItsProjection()
    {
        double[] x = Drawn.Cloud(1, N, D), shift = [0.5, -2, 1];
        TransportProblem<double> problem = Points(x, [.. x.Select((value, at) => value + shift[at % D])]).WithWeights(Drawn.Weights(3, N), Drawn.Weights(3, N));
        SlicedResult<double> result = Engines.Default.SolveSliced(problem, new OtEngine.Sliced { Order = 3, Projections = 5 });
        for (int l = 0; l < 5; l++)
        {
            double along = Math.Abs(TensorPrimitives.Dot<double>(shift, result.Directions.Span.Slice(l * D, D)));
            Assert.That(RelativeError.Of(result.Costs.Span[l], Math.Pow(along, 3)), Is.LessThanOrEqualTo(Rounding));
        }
    }

    [TestCase(1, false)]
    [TestCase(2, false)]
    [TestCase(3.5, false)]
    [TestCase(2, true)]
    public void Gradient_IsThatOfDifferences(double p, bool max)
    {
        // Central differences of step h are off by h^2 times a third derivative of order ten, and by rounding over h.
        const double Step = 1e-5;
        TransportProblem<double> problem = Problem();
        PointCloudGeometry<double> points = (PointCloudGeometry<double>)problem.Geometry;
        OtEngine.Sliced solver = new() { Order = p, Projections = 6, Max = max, Gradient = true };
        SlicedResult<double> result = Engines.Default.SolveSliced(problem, solver);
        Assert.That((result.GradientX.Length, result.GradientY.Length), Is.EqualTo((N * D, M * D)));
        using (Assert.EnterMultipleScope())
        {
            foreach (int at in (int[])[0, 1, 2, 20, 47, N * D - 1])
                Assert.That(result.GradientX.Span[at], Is.EqualTo(Difference(points.X, at, moved => Points(moved, points.Y))).Within(1e-8), $"x {at}");
            foreach (int at in (int[])[0, 1, 2, 20, 47, M * D - 1])
                Assert.That(result.GradientY.Span[at], Is.EqualTo(Difference(points.Y, at, moved => Points(points.X, moved))).Within(1e-8), $"y {at}");
        }

        double Difference(double[] own, int at, Func<double[], TransportProblem<double>> state) =>
            (CostOf(Moved(own, at, Step), state) - CostOf(Moved(own, at, -Step), state)) / (2 * Step);

        double CostOf(double[] moved, Func<double[], TransportProblem<double>> state) =>
            Engines.Default.SolveSliced(state(moved).WithWeights(problem.WeightsA.Span, problem.WeightsB.Span), solver with { Gradient = false }).Cost;
    }

    [Test]
    public void Matching_OfADirection_IsAPlanOfItsCost()
    {
        TransportProblem<double> problem = Problem();
        PointCloudGeometry<double> points = (PointCloudGeometry<double>)problem.Geometry;
        SlicedResult<double> result = Engines.Default.SolveSliced(problem, new OtEngine.Sliced { Projections = 4, Matching = true });
        for (int l = 0; l < 4; l++)
        {
            double[] axis = result.Directions.Span.Slice(l * D, D).ToArray(), rows = new double[N], columns = new double[M];
            double cost = 0;
            foreach (PlanEntry entry in result.Matching(l).Entries.ToArray())
            {
                rows[entry.Row] += entry.Mass;
                columns[entry.Column] += entry.Mass;
                cost += entry.Mass * Math.Pow(Along(points.X, entry.Row, axis) - Along(points.Y, entry.Column, axis), 2);
            }

            Assert.That(rows.Zip(problem.WeightsA.ToArray(), (s, w) => Math.Abs(s - w)).Max(), Is.LessThanOrEqualTo(1e-14));
            Assert.That(columns.Zip(problem.WeightsB.ToArray(), (s, w) => Math.Abs(s - w)).Max(), Is.LessThanOrEqualTo(1e-14));
            Assert.That(RelativeError.Of(cost, result.Costs.Span[l]), Is.LessThanOrEqualTo(Rounding));
        }
    }

    [Test]
    public void Matching_OfEqualCounts_IsOneToOne()
    {
        SlicedResult<double> result = Engines.Default.SolveSliced(Points(Drawn.Cloud(1, N, D), Drawn.Cloud(2, N, D)), new OtEngine.Sliced { Projections = 2, Matching = true });
        PlanEntry[] entries = result.Matching(1).Entries.ToArray();
        Assert.That(entries, Has.Length.EqualTo(N));
        Assert.That(entries.Select(entry => entry.Column), Is.Unique);
    }

    [Test]
    public void FixedCloud_GivesTheBitsOfSolvingBoth()
    {
        TransportProblem<double> problem = Problem();
        PointCloudGeometry<double> points = (PointCloudGeometry<double>)problem.Geometry;
        OtEngine.Sliced solver = new() { Projections = 6, Gradient = true, Matching = true, Order = 1 };
        SlicedResult<double> expected = Engines.Default.SolveSliced(problem, solver);

        using SlicedCloud<double> cloud = Engines.Default.SortSliced(points.Y, D, problem.WeightsB.Span, solver);
        SlicedResult<double> found = Engines.Default.SolveSliced(points.X, problem.WeightsA.Span, cloud);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Costs.ToArray(), Is.EqualTo(expected.Costs.ToArray()));
            Assert.That(found.GradientX.ToArray(), Is.EqualTo(expected.GradientX.ToArray()));
            Assert.That(found.GradientY.ToArray(), Is.EqualTo(expected.GradientY.ToArray()));
            Assert.That(found.Matching(5).Entries.ToArray(), Is.EqualTo(expected.Matching(5).Entries.ToArray()));
        }

        cloud.Dispose();
        Assert.That(() => Engines.Default.SolveSliced(points.X, problem.WeightsA.Span, cloud), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Batch_OverManyThreads_HasTheBitsOfEachAlone()
    {
        TransportProblem<double>[] problems = [Problem(), Problem(130, 7, 5), Problem(1, 1, 9), Points(Drawn.Cloud(1, 200, D), Drawn.Cloud(2, 200, D))];
        OtEngine.Sliced solver = new() { Projections = 9, Gradient = true };
        IReadOnlyList<SlicedResult<double>> together = Engines.SevenThreads.SolveSlicedBatch(problems, solver);
        for (int k = 0; k < problems.Length; k++)
        {
            SlicedResult<double> alone = Engines.SingleThreaded.SolveSliced(problems[k], solver);
            Assert.That(together[k].Costs.ToArray(), Is.EqualTo(alone.Costs.ToArray()));
            Assert.That(together[k].GradientX.ToArray(), Is.EqualTo(alone.GradientX.ToArray()));
        }
    }

    [Test]
    public void Batch_OfSeveralDimensions_HasTheBitsOfEachAlone([Values] bool max)
    {
        TransportProblem<double>[] problems =
        [
            Problem(7, 12), Points(Drawn.Cloud(1, 15, 2), Drawn.Cloud(2, 20, 2), 2), Problem(40, 33, 5), Points(Drawn.Uniform(1, 9), Drawn.Uniform(2, 9), 1),
            Points(Drawn.Cloud(3, 8, 2), Drawn.Cloud(4, 8, 2), 2).WithWeights(Drawn.WideWeights(1, 8, 3), Drawn.WideWeights(2, 8, 3)),
        ];
        OtEngine.Sliced solver = new() { Projections = 5, Gradient = true, Matching = true, Max = max, Order = 3 };
        IReadOnlyList<SlicedResult<double>> together = Engines.Default.SolveSlicedBatch(problems, solver);
        Assert.That(together, Has.Count.EqualTo(problems.Length));
        for (int k = 0; k < problems.Length; k++)
        {
            SlicedResult<double> alone = Engines.Default.SolveSliced(problems[k], solver);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(together[k].Directions.ToArray(), Is.EqualTo(alone.Directions.ToArray()));
                Assert.That(together[k].Costs.ToArray(), Is.EqualTo(alone.Costs.ToArray()));
                Assert.That(together[k].GradientX.ToArray(), Is.EqualTo(alone.GradientX.ToArray()));
                Assert.That(together[k].GradientY.ToArray(), Is.EqualTo(alone.GradientY.ToArray()));
                Assert.That(together[k].Matching(4).Entries.ToArray(), Is.EqualTo(alone.Matching(4).Entries.ToArray()));
                Assert.That(alone.GradientX.ToArray(), Has.Some.Not.Zero);
            }
        }
    }

    [Test]
    public void Batch_OfNothing_IsEmpty() => Assert.That(Engines.Default.SolveSlicedBatch<double>([], new OtEngine.Sliced()), Is.Empty);

    [Test]
    public void Points_ThatAreNotNumbers_AreRefused()
    {
        foreach (double bad in (double[])[double.NaN, double.PositiveInfinity])
        {
            Refusal.With(ProblemError.NotFinite, () => Engines.Default.SolveSliced(Points([0, bad], [1, 2], 1), new OtEngine.Sliced()), "x");
            Refusal.With(ProblemError.NotFinite, () => Engines.Default.SolveSliced(Points([0, 1], [bad, 2], 1), new OtEngine.Sliced()), "y");
        }
    }

    [Test]
    public void Options_OutOfRange_AreRefused()
    {
        TransportProblem<double> problem = Problem();
        double[] bad = new double[D];
        bad[0] = 1.001;
        using (Assert.EnterMultipleScope())
        {
            foreach (double p in (double[])[0.5, double.NaN, double.PositiveInfinity])
                Refusal.With(ProblemError.OutOfRange, () => Engines.Default.SolveSliced(problem, new OtEngine.Sliced { Order = p }), "order");
            Refusal.With(ProblemError.OutOfRange, () => Engines.Default.SolveSliced(problem, new OtEngine.Sliced { Projections = 0 }), "projections");
            Refusal.With(ProblemError.OutOfRange, () => Engines.Default.SolveSliced(problem, new OtEngine.Sliced { Directions = bad }), "1.001");
            Refusal.With(ProblemError.NotFinite, () => Engines.Default.SolveSliced(problem, new OtEngine.Sliced { Directions = (double[])[double.NaN, 0, 0] }), "directions");
            Refusal.With(ProblemError.ShapeMismatch, () => Engines.Default.SolveSliced(problem, new OtEngine.Sliced { Directions = (double[])[1, 0] }), "dimension");
            Refusal.With(ProblemError.Unsupported, () => Engines.Default.SolveSliced(TransportProblem.FromCosts(new double[,] { { 1 } }), new OtEngine.Sliced()), "points");
            Refusal.With(ProblemError.Unsupported, () => Engines.Default.SolveSliced(problem, new OtEngine.Sliced()).Matching(0), "Matching");
            Refusal.With(ProblemError.NotFinite, () => Engines.Default.SortSliced([1, double.NaN], 1, [], new OtEngine.Sliced()), "NaN");
        }
    }

    private static double[] Moved(double[] points, int at, double step) => [.. points.Select((value, k) => k == at ? value + step : value)];

    private static double Along(double[] points, int at, double[] axis) => Enumerable.Range(0, D).Sum(k => points[(at * D) + k] * axis[k]);

    private static double Line(PointCloudGeometry<double> points, TransportProblem<double> problem, double[] axis, double p) => NaiveSliced.Solve(
        [.. Enumerable.Range(0, N).Select(i => Along(points.X, i, axis))],
        [.. Enumerable.Range(0, M).Select(j => Along(points.Y, j, axis))],
        problem.WeightsA.ToArray(),
        problem.WeightsB.ToArray(),
        p).Cost;
}

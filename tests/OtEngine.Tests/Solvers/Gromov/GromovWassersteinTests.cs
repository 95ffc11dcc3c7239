using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Entropic Gromov-Wasserstein against its definition, and the laws it must obey.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class GromovWassersteinTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly (int Rows, int Columns)[] Shapes = [(1, 1), (1, 5), (6, 1), (7, 8), (8, 9), (17, 13), (16, 33)];

    private static bool IsFloat => typeof(T) == typeof(float);

    [TestCaseSource(nameof(Shapes))]
    public void Solve_AnyShape_IsAStationaryPoint((int Rows, int Columns) shape)
    {
        (int n, int m) = shape;
        foreach (GromovLoss loss in Enum.GetValues<GromovLoss>())
        {
            double[] c1 = Gromov.Inner<T>(1, n), c2 = Gromov.Inner<T>(2, m), a = Drawn.ExactWeights(n, n), b = Drawn.ExactWeights(m + 9, m);
            bool kl = loss == GromovLoss.KullbackLeibler;
            using GromovResult<T> result = Engines.Default.Solve(Gromov.Dense<T>(c1, c2, a, b), new GromovWasserstein { Loss = loss, Epsilon = kl ? 2 : .05 });
            Gromov.Holds(result, c1, c2, a, b, $"{shape} {loss}", kl);
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), $"{shape} {loss}: {result.Moved}, {result.Advice}");
        }
    }

    [Test]
    public void Solve_AsymmetricInnerCostsOfMassThree_IsAStationaryPoint()
    {
        double[] c1 = Gromov.Inner<T>(3, 11, symmetric: false), c2 = Gromov.Inner<T>(4, 9, symmetric: false);
        double[] a = [.. Drawn.ExactWeights(5, 11).Select(w => 3 * w)], b = [.. Drawn.ExactWeights(6, 9).Select(w => 3 * w)];
        using GromovResult<T> result = Engines.Default.Solve(Gromov.Dense<T>(c1, c2, a, b), new GromovWasserstein { Epsilon = .2 });
        Gromov.Holds(result, c1, c2, a, b, "asymmetric");
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
    }

    [Test]
    public void Solve_FromTheProduct_GoesWhereExactStepsGo()
    {
        double[] c1 = Gromov.Inner<T>(7, 9), c2 = Gromov.Inner<T>(8, 12), a = Drawn.ExactWeights(9, 9), b = Drawn.ExactWeights(10, 12);
        double[] expected = new NaiveGromov(c1, c2, 9, 12).Solve(a, b, .02, 1e-9);
        using GromovResult<T> result = Engines.Default.Solve(Gromov.Dense<T>(c1, c2, a, b), new GromovWasserstein { Epsilon = .02, Tolerance = IsFloat ? 1e-5 : 1e-9 });
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), $"{result.Moved}");
        Assert.That(NeumaierSum.Of(Gromov.PlanOf(result).Zip(expected, (p, q) => Math.Abs(p - q))), Is.LessThan(IsFloat ? 1e-3 : 1e-6));
    }

    [Test]
    public void Solve_SidesExchanged_IsTheTransposedPlan()
    {
        double[] c1 = Gromov.Inner<T>(11, 10), c2 = Gromov.Inner<T>(12, 7), a = Drawn.ExactWeights(13, 10), b = Drawn.ExactWeights(14, 7);
        GromovWasserstein solver = new() { Epsilon = .05, Tolerance = IsFloat ? 1e-5 : 1e-10 };
        using GromovResult<T> one = Engines.Default.Solve(Gromov.Dense<T>(c1, c2, a, b), solver), other = Engines.Default.Solve(Gromov.Dense<T>(c2, c1, b, a), solver);
        Assert.That(NeumaierSum.Of(Gromov.PlanOf(one).Zip(NaiveSoftMin.Transposed(Gromov.PlanOf(other), 7), (p, q) => Math.Abs(p - q))), Is.LessThan(IsFloat ? 1e-3 : 1e-7));
    }

    [Test]
    public void Solve_AtomsWithoutMass_ChangeNoEntryOfTheOthers()
    {
        double[] c1 = Gromov.Inner<T>(15, 8), c2 = Gromov.Inner<T>(16, 6), a = [.25, 0, .125, .125, 0, .25, .25, 0], b = [0, .5, .125, .125, .25, 0];
        int[] left = [0, 2, 3, 5, 6], right = [1, 2, 3, 4];
        GromovWasserstein solver = new() { Epsilon = .05, Tolerance = IsFloat ? 1e-5 : 1e-10 };
        using GromovResult<T> whole = Engines.Default.Solve(Gromov.Dense<T>(c1, c2, a, b), solver);
        using GromovResult<T> part = Engines.Default.Solve(
            Gromov.Dense<T>(Of(c1, 8, left), Of(c2, 6, right), [.. left.Select(i => a[i])], [.. right.Select(j => b[j])]), solver);
        double[] plan = Gromov.PlanOf(whole), expected = Gromov.PlanOf(part);
        Gromov.Holds(whole, c1, c2, a, b, "without mass");
        for (int k = 0; k < plan.Length; k++)
        {
            (int i, int j) = (Array.IndexOf(left, k / 6), Array.IndexOf(right, k % 6));
            Assert.That(plan[k], Is.EqualTo(i < 0 || j < 0 ? 0 : expected[(i * 4) + j]).Within(IsFloat ? 1e-4 : 1e-8), $"{k}");
        }

        static double[] Of(double[] costs, int size, int[] chosen) => [.. chosen.SelectMany(i => chosen.Select(k => costs[(i * size) + k]))];
    }

    [Test]
    public void Solve_ACloudAndItsReversedCopy_FindsTheReversal()
    {
        const int Count = 12;
        double[] points = Drawn.Cloud(17, Count, 3), reversed = [.. points.Chunk(3).Reverse().SelectMany(p => p)];
        double[] uniform = [.. Enumerable.Repeat(1.0 / Count, Count)];
        double[] c1 = NaiveCost.Euclidean.Between(points, points, 3), c2 = NaiveCost.Euclidean.Between(reversed, reversed, 3);
        using GromovResult<T> result = Engines.Default.Solve(Gromov.Dense<T>(c1, c2, uniform, uniform), new GromovWasserstein { Epsilon = .05 });
        double[] plan = Gromov.PlanOf(result);
        for (int i = 0; i < Count; i++)
            Assert.That(Array.IndexOf(plan, plan[(i * Count)..((i + 1) * Count)].Max(), i * Count) % Count, Is.EqualTo(Count - 1 - i), $"{i}");
    }

    [Test]
    public void SolveBatch_OfManyShapes_HasTheBitsOfEachAlone_OverAnyThreads()
    {
        List<GromovProblem<T>> problems = [];
        DenseGeometry<T> shared = new(ExactInputs.To<T>(Gromov.Inner<T>(20, 9)), 9, 9);
        foreach ((int n, int m) in Shapes)
        {
            GromovProblem<T> one = Gromov.Dense<T>(Gromov.Inner<T>(n, n), Gromov.Inner<T>(m + 1, m, m % 2 == 0), Drawn.ExactWeights(n, n), Drawn.ExactWeights(m, m));
            problems.Add(one);
            problems.Add(GromovProblem.On(shared, one.InnerB).Fused(new DenseGeometry<T>(ExactInputs.To<T>(Drawn.Uniform(m, 9 * m)), 9, m), .4));
        }

        GromovWasserstein solver = new() { EpsilonRelative = .1, MaxSteps = 60 };
        IReadOnlyList<GromovResult<T>> batch = Engines.SevenThreads.SolveBatch(problems, solver);
        for (int k = 0; k < problems.Count; k++)
        {
            using GromovResult<T> alone = Engines.SingleThreaded.Solve(problems[k], solver), together = batch[k];
            Assert.That(Numbers(together), Is.EqualTo(Numbers(alone)), $"{k}");
            Assert.That(Gromov.PlanOf(together), Is.EqualTo(Gromov.PlanOf(alone)), $"{k}");
            Assert.That(together.Potentials.F.ToArray().Concat(together.Potentials.G.ToArray()), Is.EqualTo(alone.Potentials.F.ToArray().Concat(alone.Potentials.G.ToArray())), $"{k}");
        }

        static double[] Numbers(GromovResult<T> r) => [(int)r.Status, r.Value, r.GromovCost, r.FeatureCost, r.RegularizedCost, r.Mass, r.Epsilon, r.MarginalErrorA, r.MarginalErrorB, r.Moved, r.Steps, r.Iterations];
    }

    [Test]
    public void Solve_Fused_IsAStationaryPointBetweenItsParts()
    {
        double[] c1 = Gromov.Inner<T>(21, 9), c2 = Gromov.Inner<T>(22, 11), features = ExactInputs.Seen<T>(Drawn.Uniform(23, 99)), a = Drawn.ExactWeights(24, 9), b = Drawn.ExactWeights(25, 11);
        GromovProblem<T> plain = Gromov.Dense<T>(c1, c2, a, b);
        DenseGeometry<T> costs = new(ExactInputs.To<T>(features), 9, 11);
        GromovWasserstein solver = new() { Epsilon = .05 };
        foreach (double alpha in (double[])[0, .3, 1])
        {
            using GromovResult<T> result = Engines.Default.Solve(plain.Fused(costs, alpha), solver);
            Gromov.Holds(result, c1, c2, a, b, $"alpha {alpha}", features: features, alpha: alpha);
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), $"alpha {alpha}");
        }

        using GromovResult<T> one = Engines.Default.Solve(plain.Fused(costs, 1), solver), pure = Engines.Default.Solve(plain, solver), none = Engines.Default.Solve(plain.Fused(costs, 0), solver);
        using TransportResult<T> transport = Engines.Default.Solve(TransportProblem.On(costs).WithWeights(ExactInputs.To<T>(a), ExactInputs.To<T>(b)), new Sinkhorn { Epsilon = .05 });
        Assert.That(one.Value, Is.EqualTo(pure.Value));
        Assert.That(none.Value, Is.EqualTo(transport.TransportCost).Within(10 * EntropicEvidence.DefaultTolerance<T>()));
    }

    [Test]
    public void Solve_BetweenPoints_IsThatOfTheirMatrices()
    {
        double[] x = ExactInputs.Seen<T>(Drawn.Cloud(26, 9, 2)), y = ExactInputs.Seen<T>(Drawn.Cloud(27, 7, 3));
        GromovProblem<T> points = GromovProblem.On(
            new PointCloudGeometry<T>(ExactInputs.To<T>(x), ExactInputs.To<T>(x), 2, Cost.Euclidean), new PointCloudGeometry<T>(ExactInputs.To<T>(y), ExactInputs.To<T>(y), 3, Cost.Euclidean));
        double[] a = [.. Enumerable.Repeat(1.0 / 9, 9)], b = [.. Enumerable.Repeat(1.0 / 7, 7)];
        double[] c1 = ExactInputs.Seen<T>(NaiveCost.Euclidean.Between(x, x, 2)), c2 = ExactInputs.Seen<T>(NaiveCost.Euclidean.Between(y, y, 3));
        GromovWasserstein solver = new() { Epsilon = .5 };
        using GromovResult<T> found = Engines.Default.Solve(points, solver), expected = Engines.Default.Solve(Gromov.Dense<T>(c1, c2, a, b), solver);
        Assert.That(found.Value, Is.EqualTo(expected.Value).Within((IsFloat ? 1e-5 : 1e-10) * expected.Value));
    }

    [TestCase(9, 7, 2, 3)]
    [TestCase(12, 12, 3, 1)]
    [TestCase(1, 5, 2, 2)]
    [TestCase(33, 17, 1, 2)]
    public void Solve_BetweenPointsUnderSquaredDistances_IsThatOfTheirMatrices(int n, int m, int dx, int dy)
    {
        double[] x = ExactInputs.Seen<T>(Drawn.Cloud(28, n, dx, 3)), y = ExactInputs.Seen<T>(Drawn.Cloud(29, m, dy)), a = [.. Drawn.ExactWeights(30, n).Select(w => 2 * w)], b = [.. Drawn.ExactWeights(31, m).Select(w => 2 * w)];
        GromovProblem<T> points = GromovProblem.On(
            new PointCloudGeometry<T>(ExactInputs.To<T>(x), ExactInputs.To<T>(x), dx, Cost.SquaredEuclidean), new PointCloudGeometry<T>(ExactInputs.To<T>(y), ExactInputs.To<T>(y), dy, Cost.SquaredEuclidean))
            .WithWeights(ExactInputs.To<T>(a), ExactInputs.To<T>(b));
        double[] c1 = NaiveCost.SquaredEuclidean.Between(x, x, dx), c2 = NaiveCost.SquaredEuclidean.Between(y, y, dy);
        GromovWasserstein solver = new() { EpsilonRelative = .2, Tolerance = IsFloat ? 1e-4 : 1e-9 };
        using GromovResult<T> found = Engines.Default.Solve(points, solver), expected = Engines.Default.Solve(Gromov.Dense<T>(c1, c2, a, b), solver);
        double value = new NaiveGromov(c1, c2, n, m).Value(Gromov.PlanOf(found));

        Assert.That(found.Plan, Is.InstanceOf<EntropicPlan<T>>());
        Assert.That((found.Status, expected.Status), Is.EqualTo((SolveStatus.Converged, SolveStatus.Converged)), $"{found.Moved} {expected.Moved}");
        Assert.That(found.Epsilon, Is.EqualTo(expected.Epsilon).Within((IsFloat ? 1e-5 : 1e-12) * expected.Epsilon));
        Assert.That(found.Value, Is.EqualTo(value).Within((IsFloat ? 1e-4 : 1e-11) * Math.Max(1, value)));
        Assert.That(found.RegularizedCost, Is.EqualTo(expected.RegularizedCost).Within((IsFloat ? 1e-3 : 1e-7) * expected.RegularizedCost));
        Assert.That(NeumaierSum.Of(Gromov.PlanOf(found).Zip(Gromov.PlanOf(expected), (p, q) => Math.Abs(p - q))), Is.LessThan(IsFloat ? 1e-2 : 1e-6));
    }

    [Test]
    public void Solve_ToleranceZero_RunsExactlyItsSteps()
    {
        GromovProblem<T> problem = Gromov.Dense<T>(Gromov.Inner<T>(1, 6), Gromov.Inner<T>(2, 5), Drawn.ExactWeights(3, 6), Drawn.ExactWeights(4, 5));
        using GromovResult<T> result = Engines.Default.Solve(problem, new GromovWasserstein { Epsilon = .1, Tolerance = 0, MaxSteps = 7, StepSweeps = 3 });
        Assert.That((result.Status, result.Steps, result.Iterations, result.Advice), Is.EqualTo((SolveStatus.MaxIterations, 7, 21L, (string?)null)));
        using GromovResult<T> fewer = Engines.Default.Solve(problem, new GromovWasserstein { Epsilon = .1, Tolerance = 0, MaxIterations = 5, StepSweeps = 3 });
        Assert.That((fewer.Status, fewer.Steps, fewer.Iterations), Is.EqualTo((SolveStatus.MaxIterations, 2, 5L)));
    }

    [Test]
    public void Solve_TooFewSteps_SaysSoAndHowFarItIs()
    {
        double[] c1 = Gromov.Inner<T>(1, 6), c2 = Gromov.Inner<T>(2, 5), a = Drawn.ExactWeights(3, 6), b = Drawn.ExactWeights(4, 5);
        using GromovResult<T> result = Engines.Default.Solve(Gromov.Dense<T>(c1, c2, a, b), new GromovWasserstein { Epsilon = .02, MaxSteps = 1 });
        Gromov.Holds(result, c1, c2, a, b, "one step");
        Assert.That(result.Status, Is.EqualTo(SolveStatus.MaxIterations));
        Assert.That(result.Advice, Does.Contain("epsilon 0.02"));
        Assert.That(result.Moved, Is.GreaterThan(EntropicEvidence.DefaultTolerance<T>()));
    }

    [Test]
    public void Solve_CostsWhoseSquaresOverflow_IsRefusedOrFails()
    {
        double large = IsFloat ? 1e30 : 1e200;
        GromovProblem<T> problem = Gromov.Dense<T>([0, large, large, 0], [0, 1, 1, 0], [.25, .75], [.5, .5]);
        Refusal.With(ProblemError.OutOfRange, () => Engines.Default.Solve(problem, new GromovWasserstein()), "scale the costs");
    }

    [Test]
    public void Solve_CancelledBefore_Throws()
    {
        GromovProblem<T> problem = Gromov.Dense<T>([0, 1, 1, 0], [0, 1, 1, 0], [.25, .75], [.5, .5]);
        Assert.That(() => Engines.Default.Solve(problem, new GromovWasserstein(), cancellationToken: new CancellationToken(true)), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void SolveBatch_OfNothing_IsEmpty() => Assert.That(Engines.Default.SolveBatch<T>((IReadOnlyList<GromovProblem<T>>)[], new GromovWasserstein()), Is.Empty);

    [Test]
    public void Problem_WrongInputs_AreRefused()
    {
        DenseGeometry<T> two = new([T.Zero, T.One, T.One, T.Zero], 2, 2), wide = new([T.Zero, T.One], 1, 2), negative = new([T.Zero, -T.One, T.One, T.Zero], 2, 2);
        GromovProblem<T> problem = GromovProblem.On(two, two);
        Refusal.With(ProblemError.ShapeMismatch, () => GromovProblem.On(wide, two), "C1");
        Refusal.With(ProblemError.ShapeMismatch, () => GromovProblem.On(two, wide), "C2");
        Refusal.With(ProblemError.ShapeMismatch, () => problem.Fused(wide), "feature");
        Refusal.With(ProblemError.OutOfRange, () => problem.Fused(two, 1.5), "1.5");
        Refusal.With(ProblemError.OutOfRange, () => problem.Fused(two, double.NaN));
        Refusal.With(ProblemError.ShapeMismatch, () => problem.WithWeights([T.One], [T.One, T.One]), "a has 1");
        Refusal.With(ProblemError.UnequalTotals, () => problem.WithWeights([T.One, T.One], [T.One, T.Zero]));
        Refusal.With(ProblemError.Unsupported, () => GromovProblem.On(new SparseGeometry<T>([0, 1, 2], [0, 1], [T.One, T.One], 2), two), "sparse");
        Refusal.With(ProblemError.OutOfRange, () => Engines.Default.Solve(GromovProblem.On(negative, two), new GromovWasserstein { Loss = GromovLoss.KullbackLeibler }), "C1[0, 1]");
        Refusal.With(ProblemError.OutOfRange, () => _ = new GromovWasserstein { Epsilon = 0 });
        Refusal.With(ProblemError.OutOfRange, () => _ = new GromovWasserstein { EpsilonRelative = double.NaN });
        Refusal.With(ProblemError.OutOfRange, () => _ = new GromovWasserstein { Tolerance = -1 });
        Refusal.With(ProblemError.OutOfRange, () => _ = new GromovWasserstein { MaxSteps = 0 });
        Refusal.With(ProblemError.OutOfRange, () => _ = new GromovWasserstein { MaxIterations = 0 });
        Refusal.With(ProblemError.OutOfRange, () => _ = new GromovWasserstein { StepSweeps = 0 });
    }
}

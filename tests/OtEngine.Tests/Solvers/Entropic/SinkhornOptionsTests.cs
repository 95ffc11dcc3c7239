using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>What the options mean, and which values are refused.</summary>
public sealed class SinkhornOptionsTests
{
    private static readonly double[] A = Drawn.Weights(1, 23);
    private static readonly double[] B = Drawn.Weights(2, 31);
    private static readonly double[] Cost = Drawn.Uniform(3, 23 * 31);

    private static TransportProblem<double> Problem => ExactInputs.Dense<double>(Cost, A, B);

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(-1e-300)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void Epsilon_NotPositiveAndFinite_IsRefused(double epsilon)
    {
        Refusal.With(ProblemError.OutOfRange, () => _ = new Sinkhorn { Epsilon = epsilon }, "psilon");
        Refusal.With(ProblemError.OutOfRange, () => _ = new Sinkhorn { EpsilonRelative = epsilon }, "psilon");
    }

    [TestCase(-1e-300)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void Tolerance_NegativeOrNotFinite_IsRefused(double tolerance) =>
        Refusal.With(ProblemError.OutOfRange, () => _ = new Sinkhorn { Tolerance = tolerance }, "olerance");

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(long.MinValue)]
    public void MaxIterations_BelowOne_IsRefused(long most) =>
        Refusal.With(ProblemError.OutOfRange, () => _ = new Sinkhorn { MaxIterations = most }, "MaxIterations");

    [TestCase(22, 31, "potential f")]
    [TestCase(23, 30, "potential g")]
    [TestCase(31, 23, "potential f")]
    [TestCase(0, 0, "potential f")]
    public void WarmStart_OfAnotherSize_IsRefused(int n, int m, string says) => Refusal.With(
        ProblemError.ShapeMismatch, () => Engines.Default.Solve(Problem, new Sinkhorn { WarmStart = new DualPotentials(new double[n], new double[m]) }).Dispose(), says);

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void WarmStart_NotFinite_IsRefused(double value)
    {
        double[] f = new double[23], g = new double[31];
        f[7] = value;
        Refusal.With(ProblemError.NotFinite, () => Engines.Default.Solve(Problem, new Sinkhorn { WarmStart = new DualPotentials(f, g) }).Dispose(), "f[7]");
        (f[7], g[30]) = (0, value);
        Refusal.With(ProblemError.NotFinite, () => Engines.Default.Solve(Problem, new Sinkhorn { WarmStart = new DualPotentials(f, g) }).Dispose(), "g[30]");
    }

    [Test]
    public void Epsilon_NotGiven_IsAShareOfTheMeanCost([Values(0.01, 0.05, 2)] double share)
    {
        // One mean of 713 costs, however it is summed.
        const double Rounding = 1e-13;
        using TransportResult<double> dense = Engines.Default.Solve(Problem, new Sinkhorn { EpsilonRelative = share });
        double[] x = Drawn.Cloud(5, 23, 3), y = Drawn.Cloud(6, 31, 3);
        using TransportResult<double> points = Engines.Default.Solve(ExactInputs.Points<double>(x, y, 3, OtEngine.Cost.Euclidean, A, B), new Sinkhorn { EpsilonRelative = share });

        Assert.That(RelativeError.Of(dense.Epsilon, share * Cost.Average()), Is.LessThan(Rounding));
        Assert.That(RelativeError.Of(points.Epsilon, share * NaiveCost.Euclidean.Between(x, y, 3).Average()), Is.LessThan(Rounding));
    }

    [Test]
    public void Defaults_AreThoseDocumented()
    {
        Sinkhorn solver = new();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((solver.Epsilon, solver.EpsilonRelative, solver.Tolerance, solver.MaxIterations), Is.EqualTo(((double?)null, 0.05, (double?)null, 10_000L)));
            Assert.That((solver.EpsilonSchedule, solver.OverRelaxation, solver.NewtonFinish, solver.RecordHistory), Is.EqualTo((true, true, true, false)));
            Assert.That(solver.WarmStart, Is.Null);
        }
    }

    [Test]
    public void Tolerance_NotGiven_IsThatOfTheElementType()
    {
        using TransportResult<double> wide = Engines.Default.Solve(Problem, new Sinkhorn());
        using TransportResult<float> narrow = Engines.Default.Solve(ExactInputs.Dense<float>(Cost, A, B), new Sinkhorn());

        Assert.That((wide.Status, narrow.Status), Is.EqualTo((SolveStatus.Converged, SolveStatus.Converged)));
        Assert.That(Math.Max(wide.MarginalErrorA, wide.MarginalErrorB), Is.LessThanOrEqualTo(1e-6));
        Assert.That(Math.Max(narrow.MarginalErrorA, narrow.MarginalErrorB), Is.LessThanOrEqualTo(1e-4 * ExactInputs.Seen<float>(A).Sum()));
    }

    [Test]
    public void Tolerance_Zero_RunsExactlyThatManyPlainSweeps([Values(1, 2, 7, 100)] int sweeps)
    {
        const double Epsilon = .2;

        // Plain sweeps in another order of arithmetic: each contracts what went before.
        const double Rounding = 1e-12;
        double[] f = new double[23], g = new double[31], start = Drawn.Cloud(7, 31, 1);
        for (int k = 0; k < sweeps; k++)
            (f, g) = NaiveSinkhorn.Sweep(Cost, A, B, f, k == 0 ? start : g, Epsilon);
        DualPotentials warm = new(new double[23], start);
        using TransportResult<double> result = Engines.Default.Solve(Problem, new Sinkhorn { Epsilon = Epsilon, Tolerance = 0, MaxIterations = sweeps, WarmStart = warm });

        EntropicEvidence.Holds(result, Cost, A, B, 0, $"{sweeps} sweeps");
        Assert.That((result.Iterations, result.Status), Is.EqualTo(((long)sweeps, SolveStatus.MaxIterations)));
        double[] plan = NaiveEntropic.Plan(Cost, A, B, f, g, Epsilon);
        Assert.That(EntropicEvidence.Materialized(result).Zip(plan, (p, q) => Math.Abs(p - q)).Sum(), Is.LessThan(Rounding));
    }

    [Test]
    public void Tolerance_Zero_WithoutWarmStart_RunsExactlyThatManySweeps([Values(1, 13)] int sweeps)
    {
        using TransportResult<double> wide = Engines.Default.Solve(Problem, new Sinkhorn { Epsilon = .2, Tolerance = 0, MaxIterations = sweeps });
        using TransportResult<float> narrow = Engines.Default.Solve(ExactInputs.Dense<float>(Cost, A, B), new Sinkhorn { Epsilon = .2, Tolerance = 0, MaxIterations = sweeps });

        Assert.That((wide.Iterations, wide.Status), Is.EqualTo(((long)sweeps, SolveStatus.MaxIterations)));
        Assert.That((narrow.Iterations, narrow.Status), Is.EqualTo(((long)sweeps, SolveStatus.MaxIterations)));
    }

    [Test]
    public void MaxIterations_Hit_IsThatStatusWithErrorsThatSayHowGoodItIs([Values(1, 5, 50)] int most)
    {
        using TransportResult<double> result = Engines.Default.Solve(Problem, new Sinkhorn { Epsilon = 1e-3, Tolerance = 1e-13, MaxIterations = most });

        EntropicEvidence.Holds(result, Cost, A, B, 1e-13, $"{most} sweeps", NaiveTransportLp.Solve(Cost, A, B).Value);
        Assert.That(result.Status, Is.EqualTo(SolveStatus.MaxIterations));
        Assert.That(result.Iterations, Is.LessThanOrEqualTo(most));
    }

    [Test]
    public void MaxIterations_HitWhereRoundingHidesTheTolerance_IsNotPassed()
    {
        // Costs over twelve orders: a sweep may see errors below the tolerance that the plan, measured in double, then does not show.
        EntropicLawCase drawn = new(new ExactLawCase(243670, 1, 9, ExactLawCosts.Wide, UniformWeights: false), 1);
        for (int most = 1; most < 5; most++)
        {
            using TransportResult<double> result = Engines.Default.Solve(drawn.Stated, drawn.Solver with { MaxIterations = most });
            Assert.That(result.Iterations, Is.LessThanOrEqualTo(most));
        }
    }

    [Test]
    public void RecordHistory_On_TellsAnErrorThatEndsWhereTheAnswerIs()
    {
        using TransportResult<double> silent = Engines.Default.Solve(Problem, new Sinkhorn { EpsilonRelative = .02 });
        using TransportResult<double> result = Engines.Default.Solve(Problem, new Sinkhorn { EpsilonRelative = .02, RecordHistory = true });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(silent.History, Is.Empty);
            Assert.That(result.History, Is.Not.Empty);
            Assert.That(result.History.Select(p => p.Iteration), Is.Ordered.Ascending.And.All.InRange(0, result.Iterations));
            Assert.That(result.History.Select(p => p.Epsilon), Is.Ordered.Descending);
            Assert.That(result.History[^1].Epsilon, Is.EqualTo(result.Epsilon));
            Assert.That(result.History.Select(p => p.MarginalErrorA), Is.All.GreaterThanOrEqualTo(0));

            Assert.That(result.Status, Is.EqualTo(silent.Status));
            Assert.That(result.TransportCost, Is.EqualTo(silent.TransportCost));
        }
    }

    [Test]
    public void Epsilon_OfAnExactAnswer_IsZero()
    {
        using TransportResult<double> exact = Engines.Default.Solve(Problem, new Exact());
        Assert.That((exact.Epsilon, exact.Advice), Is.EqualTo((0.0, (string?)null)));
        Assert.That(exact.History, Is.Empty);
    }

    [Test]
    public void Bracket_SmallerEpsilon_IsNarrowerAndHoldsTheExactCost()
    {
        double exact = NaiveTransportLp.Solve(Cost, A, B).Value, before = double.PositiveInfinity;
        foreach (double epsilon in new[] { 1, .3, .1, .03, .01, .003, .001 })
        {
            using TransportResult<double> result = Engines.Default.Solve(Problem, new Sinkhorn { Epsilon = epsilon, Tolerance = 1e-10 });
            EntropicEvidence.Converged(result, Cost, A, B, 1e-10, $"epsilon {epsilon}", exact);
            double width = result.UpperBound - result.LowerBound;
            TestContext.Out.WriteLine(FormattableString.Invariant($"epsilon {epsilon}: [{result.LowerBound}, {result.UpperBound}] after {result.Iterations} sweeps"));
            Assert.That(width, Is.LessThan(before), $"epsilon {epsilon}");
            before = width;
        }
    }
}

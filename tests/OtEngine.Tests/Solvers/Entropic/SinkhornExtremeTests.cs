using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>
/// Numbers at the ends of their range. An answer may be refused, or end in a status that says so; it may not hang, hold what is not true,
/// or call itself converged when it is not.
/// </summary>
[Category("Simd")]
public sealed class SinkhornExtremeTests
{
    // Far above what any of these takes; a hang becomes a cancellation.
    private const int Patience = 30_000;

    private const double Tolerance = 1e-6;

    private const int Rows = 19;

    private const int Columns = 26;

    [TestCase(double.Epsilon)]
    [TestCase(1e-310)]
    [TestCase(1e-300)]
    [TestCase(1e-100)]
    [TestCase(1e-20)]
    [TestCase(1e-12)]
    [TestCase(1e-9)]
    [TestCase(1e-7)]
    [CancelAfter(Patience)]
    public void Solve_EpsilonFarTooSmall_NeverClaimsMoreThanItProves(double epsilon, CancellationToken cancellation)
    {
        double[] a = Drawn.ExactWeights(1, Rows), b = Drawn.ExactWeights(2, Columns), cost = Drawn.Uniform(3, Rows * Columns);
        int most = Engines.IsSlow ? 200 : 2000;
        IsHonest<double>(() => new Sinkhorn { Epsilon = epsilon, MaxIterations = most }, cost, a, b, cancellation);
        IsHonest<float>(() => new Sinkhorn { Epsilon = epsilon, MaxIterations = most }, cost, a, b, cancellation);
        IsHonest<double>(() => new Sinkhorn { EpsilonRelative = epsilon, MaxIterations = most, NewtonFinish = false }, cost, a, b, cancellation);
    }

    [TestCase(1e3)]
    [TestCase(1e15)]
    [TestCase(1e100)]
    [TestCase(1e300)]
    [TestCase(double.MaxValue)]
    [CancelAfter(Patience)]
    public void Solve_EpsilonHuge_IsTheProductOfTheWeights(double epsilon, CancellationToken cancellation)
    {
        double[] a = Drawn.ExactWeights(1, Rows), b = Drawn.ExactWeights(2, Columns), cost = Drawn.Uniform(3, Rows * Columns);
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Sinkhorn { Epsilon = epsilon }, cancellationToken: cancellation);

        // exp(-C / eps) is 1 to a thousandth at the smallest of these.
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), result.Advice);
        Assert.That(EntropicEvidence.Materialized(result), Is.EqualTo(a.SelectMany(w => b.Select(v => w * v))).Within(1e-3));
        Assert.That(result.LowerBound, Is.LessThanOrEqualTo(NaiveTransportLp.Solve(cost, a, b).Value));
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_CostsOf1e32BesideCostsOfOne_KeepsTheBracketTrue(CancellationToken cancellation)
    {
        double[] cost =
        [
            250.275352, 374.653218, 2413.52736, 1e32, 1.51751540e-3,
            213.08203, 328.812836, 2294.87946, 1e32, .1371098,
            197.333083, 309.175848, 2242.5055, 1e32, 2.46506283,
            1e32, 1e32, 1e32, 5.26223432, 2.5e31,
            38.4690152, 80.9465684, 333.064175, 2.5e31, 0,
        ];
        double[] weights = [.125, .125, .125, .125, .5];
        const double Exact = 57.543210383;
        foreach (double epsilon in new[] { 1e-3, .1, 1, 10, 1e30 })
        {
            using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(cost, weights, weights), new Sinkhorn { Epsilon = epsilon }, cancellationToken: cancellation);
            EntropicEvidence.Holds(result, cost, weights, weights, Tolerance, $"epsilon {epsilon}");
            Assert.That(result.LowerBound, Is.LessThanOrEqualTo(Exact * (1 + 1e-9)), $"epsilon {epsilon}");
            Assert.That(result.UpperBound, Is.GreaterThanOrEqualTo(Exact * (1 - 1e-9)), $"epsilon {epsilon}");
        }
    }

    [TestCase(1)]
    [TestCase(1e-3)]
    [CancelAfter(Patience)]
    public void Solve_BlocksApartByHugeCosts_CostWhatTheirBlocksCost(double epsilon, CancellationToken cancellation)
    {
        // Two problems in one: the blocks have equal masses, and no mass pays 1e32.
        double[] first = Drawn.Uniform(1, 6), second = Drawn.Uniform(2, 6), a = [.25, .25, .25, .25], b = [.125, .125, .25, .25, .125, .125];
        double[] cost = [.. Enumerable.Range(0, 24).Select(k => (k / 6 < 2, k % 6 < 3) switch
        {
            (true, true) => first[(k / 6 * 3) + (k % 6)],
            (false, false) => second[(((k / 6) - 2) * 3) + (k % 6) - 3],
            _ => 1e32,
        })];
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Sinkhorn { Epsilon = epsilon, Tolerance = 1e-9 }, cancellationToken: cancellation);

        EntropicEvidence.Holds(result, cost, a, b, 1e-9, "blocks");
        double[] plan = EntropicEvidence.Materialized(result);
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), result.Advice);
        Assert.That(plan.Where((_, k) => cost[k] == 1e32), Is.All.Zero);
        double[] naive = [.. Block(first, epsilon), .. Block(second, epsilon)];
        Assert.That(plan.Where((_, k) => cost[k] < 1e32), Is.EqualTo(naive).Within(1e-7));

        // a and b of a block are the halves above; KL against a b^T differs between block and whole by a constant only.
        static double[] Block(double[] cost, double epsilon)
        {
            double[] a = [.25, .25], b = cost[0] == Drawn.Uniform(1, 6)[0] ? [.125, .125, .25] : [.25, .125, .125];
            (double[] f, double[] g, _) = NaiveSinkhorn.Solve(cost, a, b, epsilon, 1e-12);
            return NaiveEntropic.Plan(cost, a, b, f, g, epsilon);
        }
    }

    [TestCase(10)]
    [TestCase(1e3)]
    [TestCase(1e6)]
    [TestCase(1e9)]
    [CancelAfter(Patience)]
    public void Solve_OutliersFarAway_AreServedAllTheSame(double far, CancellationToken cancellation)
    {
        // One outlier on each side; its row or column underflows at any potentials but its own.
        double[] x = [.. Drawn.Cloud(1, Rows - 1, 2), far, 0], y = [.. Drawn.Cloud(2, Columns - 1, 2), 0, -far];
        double[] a = [.. Drawn.ExactWeights(3, Rows - 1).Select(w => w * .75), .25], b = [.. Drawn.ExactWeights(4, Columns - 1).Select(w => w * .75), .25];
        foreach (NaiveCost ground in Engines.IsSlow ? [NaiveCost.SquaredEuclidean] : new[] { NaiveCost.SquaredEuclidean, NaiveCost.Euclidean })
        {
            double[] cost = ground.Between(x, y, 2);
            double exact = NaiveTransportLp.Solve(cost, a, b).Value;
            foreach (TransportProblem<double> stated in new[] { ExactInputs.Points<double>(x, y, 2, ExactInputs.CostOf(ground), a, b), ExactInputs.Dense<double>(cost, a, b) })
            {
                string name = $"{ground.Name} {stated.Geometry.GetType().Name}";
                using TransportResult<double> result = Engines.Default.Solve(stated, new Sinkhorn { Epsilon = .5 }, cancellationToken: cancellation);
                EntropicEvidence.Holds(result, cost, a, b, Tolerance, name, exact);

                // Where eps is within double's sight of the largest cost there is no excuse.
                if (TransportEvidence.LargestMagnitude(cost) <= 1e7)
                    Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), $"{name}: {result.MarginalErrorA} {result.Advice}");
                using TransportResult<double> scheduled = Engines.Default.Solve(stated, new Sinkhorn { Epsilon = .5, EpsilonSchedule = false }, cancellationToken: cancellation);
                EntropicEvidence.Holds(scheduled, cost, a, b, Tolerance, $"{name} without schedule", exact);
            }
        }
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_WeightsOverTwelveOrders_ServesEvenTheLightest(CancellationToken cancellation)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            double[] a = Drawn.WideWeights(seed, Rows, 12), b = Drawn.WideWeights(seed + 100, Columns, 12), cost = Drawn.Uniform(seed + 200, Rows * Columns);
            using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Sinkhorn { Epsilon = .02, Tolerance = 1e-12 }, cancellationToken: cancellation);
            EntropicEvidence.Converged(result, cost, a, b, 1e-12, $"seed {seed}", NaiveTransportLp.Solve(cost, a, b).Value);
            (double[] f, double[] g, _) = NaiveSinkhorn.Solve(cost, a, b, .02, 1e-13);
            double[] plan = NaiveEntropic.Plan(cost, a, b, f, g, .02);
            Assert.That(EntropicEvidence.Materialized(result).Zip(plan, (p, q) => Math.Abs(p - q)).Sum(), Is.LessThan(1e-9), $"seed {seed}");
            using TransportResult<float> narrow = Engines.Default.Solve(ExactInputs.Dense<float>(cost, a, b), new Sinkhorn { Epsilon = .02 }, cancellationToken: cancellation);
            EntropicEvidence.Converged(narrow, ExactInputs.Seen<float>(cost), ExactInputs.Seen<float>(a), ExactInputs.Seen<float>(b), EntropicEvidence.DefaultTolerance<float>(), $"seed {seed}, float");
        }
    }

    [TestCase(1e-320)]
    [TestCase(1e-308)]
    [TestCase(1e-250)]
    [TestCase(1e250)]
    [TestCase(1e307)]
    [CancelAfter(Patience)]
    public void Solve_MassesOfAnySize_AreServed(double mass, CancellationToken cancellation)
    {
        double[] a = [.. Drawn.ExactWeights(1, Rows).Select(w => w * mass)], b = [.. Drawn.ExactWeights(2, Columns).Select(w => w * mass)], cost = Drawn.Uniform(3, Rows * Columns);
        TransportProblem<double>? stated = null;
        try
        {
            stated = ExactInputs.Dense<double>(cost, a, b);
        }
        catch (ProblemException refusal)
        {
            // Denormal weights may be too coarse to balance.
            Assert.That(mass, Is.LessThan(1e-307));
            Assert.That(refusal.Error, Is.EqualTo(ProblemError.UnequalTotals));
            return;
        }

        using TransportResult<double> result = Engines.Default.Solve(stated, new Sinkhorn { Epsilon = .05 }, cancellationToken: cancellation);
        if (result.Status == SolveStatus.Converged)
        {
            using TransportResult<double> unit = Engines.Default.Solve(ExactInputs.Dense<double>(cost, [.. a.Select(w => w / mass)], [.. b.Select(w => w / mass)]), new Sinkhorn { Epsilon = .05 }, cancellationToken: cancellation);
            Assert.That(result.TransportCost / mass, Is.EqualTo(unit.TransportCost).Within(1e-5));
            Assert.That(result.MarginalErrorA / mass, Is.LessThanOrEqualTo(1.01 * Tolerance));
        }
        else
        {
            Assert.That(result.Advice, Is.Not.Null.And.Not.Empty);
        }
    }

    [TestCase(1e-300)]
    [TestCase(1e-30)]
    [TestCase(1e30)]
    [TestCase(1e150)]
    [TestCase(1e300)]
    [CancelAfter(Patience)]
    public void Solve_CostsOfAnySize_ScaleTheAnswer(double size, CancellationToken cancellation)
    {
        double[] a = Drawn.ExactWeights(1, Rows), b = Drawn.ExactWeights(2, Columns), cost = Drawn.Uniform(3, Rows * Columns);
        using TransportResult<double> unit = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Sinkhorn(), cancellationToken: cancellation);
        double[] scaled = [.. cost.Select(c => c * size)];
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(scaled, a, b), new Sinkhorn(), cancellationToken: cancellation);

        EntropicEvidence.Converged(result, scaled, a, b, Tolerance, $"costs of {size}");
        Assert.That(result.TransportCost / size, Is.EqualTo(unit.TransportCost).Within(1e-5));
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_WarmStartFromAnotherProblem_ConvergesToItsOwn([Values(1, 1e3, 1e6, 1e12, 1e100, 1e300)] double size, CancellationToken cancellation)
    {
        double[] a = Drawn.ExactWeights(1, Rows), b = Drawn.ExactWeights(2, Columns), cost = Drawn.Uniform(3, Rows * Columns), other = [.. Drawn.Uniform(4, Rows * Columns).Select(c => c * size)];
        using TransportResult<double> cold = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Sinkhorn { Epsilon = .05 }, cancellationToken: cancellation);
        using TransportResult<double> foreign = Engines.Default.Solve(ExactInputs.Dense<double>(other, b: Drawn.ExactWeights(6, Columns), a: Drawn.ExactWeights(5, Rows)), new Sinkhorn(), cancellationToken: cancellation);
        using TransportResult<double> warm = Engines.Default.Solve(
            ExactInputs.Dense<double>(cost, a, b), new Sinkhorn { Epsilon = .05, WarmStart = foreign.Potentials }, cancellationToken: cancellation);

        EntropicEvidence.Converged(warm, cost, a, b, Tolerance, $"potentials of {size}", NaiveTransportLp.Solve(cost, a, b).Value);
        Assert.That(warm.TransportCost, Is.EqualTo(cold.TransportCost).Within(1e-5));
    }

    [TestCase(700)]
    [TestCase(740)]
    [TestCase(1400)]
    [CancelAfter(Patience)]
    public void Solve_KernelFullOfDenormals_IsRight(double over, CancellationToken cancellation)
    {
        // exp(-C / eps) of most entries lies among the denormal numbers, or at zero; those of double begin at 708, of float at 87.
        foreach ((double level, bool narrow) in new[] { (over, false), (over / 8, true) })
        {
            double[] a = Drawn.ExactWeights(1, Rows), b = Drawn.ExactWeights(2, Rows);
            double[] cost = [.. Drawn.Uniform(3, Rows * Rows).Select((u, k) => k / Rows == k % Rows ? u : level + (20 * u))];
            (double[] f, double[] g, _) = NaiveSinkhorn.Solve(cost, a, b, 1, 1e-12, 20_000);
            double expected = TransportEvidence.TransportCost(cost, NaiveEntropic.Plan(cost, a, b, f, g, 1));
            if (narrow)
                Check(Engines.Default.Solve(ExactInputs.Dense<float>(cost, a, b), new Sinkhorn { Epsilon = 1 }, cancellationToken: cancellation), ExactInputs.Seen<float>(cost), 1e-3);
            else
                Check(Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Sinkhorn { Epsilon = 1 }, cancellationToken: cancellation), cost, 1e-5);

            void Check<T>(TransportResult<T> result, double[] seen, double allowed)
                where T : unmanaged, IFloatingPointIeee754<T>
            {
                using (result)
                {
                    EntropicEvidence.Converged(result, seen, a, b, EntropicEvidence.DefaultTolerance<T>(), $"level {level}");
                    Assert.That(RelativeError.Of(result.TransportCost, expected), Is.LessThan(allowed), $"level {level}");
                }
            }
        }
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_ConstantCosts_AreTheProductPlan([Values(0, 1, -7, 1e-300, 1e300)] double constant, CancellationToken cancellation)
    {
        double[] a = Drawn.ExactWeights(1, Rows), b = Drawn.ExactWeights(2, Columns), cost = [.. Enumerable.Repeat(constant, Rows * Columns)];
        foreach (Sinkhorn solver in new[] { new Sinkhorn { Epsilon = 1 }, new Sinkhorn() })
        {
            // A share of a mean cost of zero, or below, is no regularisation.
            TransportResult<double> result;
            try
            {
                result = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), solver, cancellationToken: cancellation);
            }
            catch (ProblemException refusal)
            {
                Assert.That((refusal.Error, solver.Epsilon), Is.EqualTo((ProblemError.OutOfRange, (double?)null)));
                Assert.That(constant, Is.LessThanOrEqualTo(0));
                continue;
            }

            using (result)
            {
                EntropicEvidence.Holds(result, cost, a, b, Tolerance, $"{constant}", constant);
                if (Math.Abs(constant) > 1e12 * result.Epsilon)
                    continue;
                Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), $"{constant}");
                Assert.That(result.TransportCost, Is.EqualTo(constant).Within(1e-5 * Math.Abs(constant)));
            }
        }
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_CloudFarFromTheOrigin_IsTheCloudAtTheOrigin(CancellationToken cancellation)
    {
        double[] a = Drawn.ExactWeights(1, Rows), b = Drawn.ExactWeights(2, Columns);
        double[] x = [.. Drawn.Cloud(3, Rows, 3).Select(v => Math.Round(v * 1024) / 1024)], y = [.. Drawn.Cloud(4, Columns, 3).Select(v => Math.Round(v * 1024) / 1024)];
        const double Offset = 1 << 20;
        foreach (NaiveCost ground in new[] { NaiveCost.SquaredEuclidean, NaiveCost.Euclidean, NaiveCost.Manhattan })
        {
            double[] cost = ground.Between(x, y, 3);
            using TransportResult<double> far = Engines.Default.Solve(
                ExactInputs.Points<double>([.. x.Select(v => v + Offset)], [.. y.Select(v => v + Offset)], 3, ExactInputs.CostOf(ground), a, b), new Sinkhorn { Tolerance = 1e-10 }, cancellationToken: cancellation);
            EntropicEvidence.Converged(far, cost, a, b, 1e-10, ground.Name, NaiveTransportLp.Solve(cost, a, b).Value);

            // Ten more bits than float has: there the coordinates are rounded first, and the costs are those of what is left.
            double[] floatX = ExactInputs.Seen<float>([.. x.Select(v => v + (Offset / 64))]), floatY = ExactInputs.Seen<float>([.. y.Select(v => v + (Offset / 64))]);
            double[] seen = ground.Between(floatX, floatY, 3);
            using TransportResult<float> narrow = Engines.Default.Solve(ExactInputs.Points<float>(floatX, floatY, 3, ExactInputs.CostOf(ground), a, b), new Sinkhorn(), cancellationToken: cancellation);
            EntropicEvidence.Converged(narrow, seen, a, b, EntropicEvidence.DefaultTolerance<float>(), $"{ground.Name} float", NaiveTransportLp.Solve(seen, a, b).Value);
        }
    }

    private static void IsHonest<T>(Func<Sinkhorn> solver, double[] cost, double[] a, double[] b, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TransportResult<T> result;
        try
        {
            result = Engines.Default.Solve(ExactInputs.Dense<T>(cost, a, b), solver(), cancellationToken: cancellation);
        }
        catch (ProblemException refusal)
        {
            Assert.That(refusal.Error, Is.EqualTo(ProblemError.OutOfRange));
            return;
        }

        using (result)
        {
            double[] seen = ExactInputs.Seen<T>(cost);
            EntropicEvidence.Holds(result, seen, a, b, EntropicEvidence.DefaultTolerance<T>(), $"{typeof(T).Name}: {result.Status}", NaiveTransportLp.Solve(seen, a, b).Value);
            TestContext.Out.WriteLine($"{typeof(T).Name}: {result.Status} after {result.Iterations}, error {result.MarginalErrorA}, [{result.LowerBound}, {result.UpperBound}]; {result.Advice}");
        }
    }
}

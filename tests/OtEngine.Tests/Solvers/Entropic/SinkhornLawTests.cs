using System.Runtime.Intrinsics;
using NUnit.Framework;
using OtEngine.Tests.Support;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Laws that entropic transport obeys on any input, each on hundreds of drawn problems with eps over four decades.</summary>
[Category("Simd")]
public sealed class SinkhornLawTests
{
    // Without wide vectors and fused multiply-adds a solve takes a hundred times as long.
    private static readonly int Count = Vector256.IsHardwareAccelerated ? 400 : 60;

    // Two answers whose marginals are within 1e-9 of the mass, at the largest cost; slow convergence leaves a hundred times that.
    private const double TwoAnswers = 1e-7;

    // Sums of a few hundred products of numbers of the sizes they are compared in.
    private const double Rounding = 1e-13;

    [Test]
    public void Solve_AnyProblem_IsWhatItsPotentialsSay() => Law.Holds(EntropicLawCase.Cases, EntropicLawCase.Smaller, drawn =>
    {
        using TransportResult<double> result = Engines.Default.Solve(drawn.Stated, drawn.Solver);
        double exact = NaiveTransportLp.Solve(drawn.Cost, drawn.A, drawn.B).Value;
        return Complaint(EntropicEvidence.Flaws(result, drawn.Cost, drawn.A, drawn.B, EntropicLawCase.Tolerance, exact));
    }, Count);

    [Test]
    public void Solve_AnyProblemInFloat_IsWhatItsPotentialsSay() => Law.Holds(EntropicLawCase.Cases, EntropicLawCase.Smaller, drawn =>
    {
        double[] cost = ExactInputs.Seen<float>(drawn.Cost);
        using TransportResult<float> result = Engines.Default.Solve(ExactInputs.Dense<float>(cost, drawn.A, drawn.B), new Sinkhorn { Epsilon = drawn.Epsilon });
        double exact = NaiveTransportLp.Solve(cost, drawn.A, drawn.B).Value;
        return Complaint(EntropicEvidence.Flaws(result, cost, drawn.A, drawn.B, EntropicEvidence.DefaultTolerance<float>(), exact));
    }, Count);

    [Test]
    public void Solve_AnyProblemCutShort_IsWhatItsPotentialsSay() => Law.Holds(EntropicLawCase.Cases, EntropicLawCase.Smaller, drawn =>
    {
        using TransportResult<double> result = Engines.Default.Solve(drawn.Stated, drawn.Solver with { MaxIterations = 1 + (drawn.Problem.Seed % 7) });
        double exact = NaiveTransportLp.Solve(drawn.Cost, drawn.A, drawn.B).Value;
        return Complaint(EntropicEvidence.Flaws(result, drawn.Cost, drawn.A, drawn.B, EntropicLawCase.Tolerance, exact))
            ?? (result.Iterations <= 1 + (drawn.Problem.Seed % 7) ? null : $"{result.Iterations} sweeps");
    }, Count);

    [Test]
    public void Solve_ModerateEpsilon_Converges() => Law.Holds(EntropicLawCase.Smooth, EntropicLawCase.Smaller, drawn =>
    {
        // Costs over twelve orders of magnitude have no moderate eps.
        if (drawn.Problem.Costs == ExactLawCosts.Wide)
            return null;
        using TransportResult<double> result = Engines.Default.Solve(drawn.Stated, drawn.Solver);
        return result.Status == SolveStatus.Converged ? null : $"{result.Status}: {result.MarginalErrorA}, {result.MarginalErrorB} after {result.Iterations} sweeps; {result.Advice}";
    }, Count);

    [Test]
    public void Solve_AnyPotentials_BoundTheOptimumFromBelow() => Law.Holds(EntropicLawCase.Cases, EntropicLawCase.Smaller, drawn =>
    {
        // Weak duality: no potentials beat any plan, a cut-short dual no converged or rounded primal.
        using TransportResult<double> early = Engines.Default.Solve(drawn.Stated, drawn.Solver with { MaxIterations = 3 });
        using TransportResult<double> late = Engines.Default.Solve(drawn.Stated, drawn.Solver);
        double[] feasible = NaiveEntropic.Rounded(EntropicEvidence.Materialized(late), drawn.A, drawn.B);
        double primal = NaiveEntropic.RegularizedCost(drawn.Cost, feasible, drawn.A, drawn.B, drawn.Epsilon), scale = Scale(drawn, early, late);
        return early.DualCost <= primal + scale && late.DualCost <= primal + scale ? null : $"duals {early.DualCost} and {late.DualCost} above the primal {primal}";
    }, Count);

    [Test]
    public void Solve_Converged_HasABracketNoWiderThanEpsilonTimesTheEntropy() => Law.Holds(EntropicLawCase.Cases, EntropicLawCase.Smaller, drawn =>
    {
        // P_ij is at most min(a_i, b_j), so f_i + g_j - C_ij is at most eps ln(M / max(a_i, b_j)) for weights of total M: hard
        // c-transforms lose no more than eps M H(b / M) of the dual (or with a), which itself is at least <C,P>; rounding adds its part.
        using TransportResult<double> result = Engines.Default.Solve(drawn.Stated, drawn.Solver);
        if (result.Status != SolveStatus.Converged)
            return null;
        double mass = drawn.Mass;
        double entropy = Math.Max(Entropy(drawn.A), Entropy(drawn.B));
        double allowed = (drawn.Epsilon * mass * entropy) + (4 * EntropicLawCase.Tolerance * mass * (TransportEvidence.LargestMagnitude(drawn.Cost) + Largest(result, drawn))) + Scale(drawn, result, result);
        double width = result.UpperBound - result.LowerBound;
        return width <= allowed ? null : $"[{result.LowerBound}, {result.UpperBound}] is wider than {allowed}";

        double Entropy(double[] weights) => -NeumaierSum.Of(weights.Where(w => w > 0).Select(w => w / mass * Math.Log(w / mass)));
    }, Count);

    [Test]
    public void SolveBatch_AnyNumberOfThreads_GivesTheBitsOfTheLoop()
    {
        Engine[] engines = [Engines.SingleThreaded, Engines.TwoThreads, Engines.SevenThreads];
        Law.Holds(EntropicLawCase.Smooth, drawn =>
        {
            TransportProblem<double>[] problems =
            [
                .. from k in Enumerable.Range(0, 1 + (drawn.Problem.Seed % 9))
                   let other = drawn.Problem with { Seed = drawn.Problem.Seed + (10 * k), N = 1 + ((drawn.Problem.N + (3 * k)) % 14) }
                   select k % 2 == 0 ? other.Problem : ExactInputs.Points<double>(Drawn.Cloud(k, other.N, 2), Drawn.Cloud(k + 9, other.M, 2), 2, Cost.Euclidean, other.A, other.B),
            ];
            Sinkhorn solver = drawn.Solver with { MaxIterations = 500 };
            TransportResult<double>[] loop = [.. problems.Select(p => Engines.Default.Solve(p, solver))];
            return engines.All(engine => engine.SolveBatch(problems, solver).Zip(loop).All(pair => EntropicBits.Differ(pair.First, pair.Second) is null));
        }, Count / 3);
    }

    [Test]
    public void Solve_MasslessAtomsRemoved_LeavesTheSameBits()
    {
        if (!Engines.TakesMasslessAtomsOut)
            Assert.Ignore("Here atoms without mass stay in their places: they change no value, but the order of sums; see Solve_MasslessAtomsRemoved_CostsTheSame.");
        Law.Holds(EntropicLawCase.Cases, EntropicLawCase.Smaller, drawn =>
        {
            // From given potentials: a schedule begins at the range of all costs, those of massless atoms included. Newton's steps add up over
            // all atoms, with zeros where there is no mass, in another order.
            int[] rows = Support(drawn.A), columns = Support(drawn.B);
            double[] f = Drawn.Cloud(drawn.Problem.Seed + 5, drawn.A.Length, 1), g = Drawn.Cloud(drawn.Problem.Seed + 6, drawn.B.Length, 1);
            Sinkhorn solver = drawn.Solver with { MaxIterations = 1000, NewtonFinish = false };
            using TransportResult<double> all = Engines.Default.Solve(drawn.Stated, solver with { WarmStart = new DualPotentials(f, g) });
            using TransportResult<double> some = Engines.Default.Solve(
                Supported(drawn), solver with { WarmStart = new DualPotentials(rows.Select(i => f[i]).ToArray(), columns.Select(j => g[j]).ToArray()) });
            return (all.TransportCost, all.RegularizedCost, all.DualCost, all.Status, all.Iterations, all.LowerBound, all.UpperBound)
                    == (some.TransportCost, some.RegularizedCost, some.DualCost, some.Status, some.Iterations, some.LowerBound, some.UpperBound)
                && rows.Select(i => all.Potentials.F.Span[i]).SequenceEqual(some.Potentials.F.ToArray())
                && columns.Select(j => all.Potentials.G.Span[j]).SequenceEqual(some.Potentials.G.ToArray())
                ? null
                : $"cost {all.TransportCost} with massless atoms, {some.TransportCost} without; {all.Status} after {all.Iterations}, {some.Status} after {some.Iterations}";
        }, Count);
    }

    [Test]
    public void Solve_MasslessAtomsRemoved_CostsTheSame() => Law.Holds(EntropicLawCase.Smooth, EntropicLawCase.Smaller, drawn => Agree(drawn, Supported(drawn)), Count);

    [Test]
    public void Solve_AtomsPermuted_CostsTheSame() => Law.Holds(EntropicLawCase.Smooth, EntropicLawCase.Smaller, drawn =>
    {
        int[] rows = Permutation(drawn.Problem.Seed, drawn.A.Length), columns = Permutation(drawn.Problem.Seed + 1, drawn.B.Length);
        return Agree(drawn, ExactInputs.Dense<double>(
            [.. rows.SelectMany(i => columns.Select(j => drawn.Cost[(i * drawn.B.Length) + j]))], [.. rows.Select(i => drawn.A[i])], [.. columns.Select(j => drawn.B[j])]));
    }, Count);

    [Test]
    public void Solve_SidesExchanged_CostsTheSame() => Law.Holds(EntropicLawCase.Smooth, EntropicLawCase.Smaller, drawn =>
        Agree(drawn, ExactInputs.Dense<double>(NaiveSoftMin.Transposed(drawn.Cost, drawn.A.Length), drawn.B, drawn.A)), Count);

    [Test]
    public void Solve_CostsAndEpsilonScaled_ScalesTheCost() => Law.Holds(EntropicLawCase.Smooth, EntropicLawCase.Smaller, drawn =>
        Agree(drawn, ExactInputs.Dense<double>([.. drawn.Cost.Select(c => c * 3.7)], drawn.A, drawn.B), costs: 3.7)
        ?? Agree(drawn, ExactInputs.Dense<double>([.. drawn.Cost.Select(c => c * 1e100)], drawn.A, drawn.B), costs: 1e100)
        ?? Agree(drawn, ExactInputs.Dense<double>([.. drawn.Cost.Select(c => c * 1e-100)], drawn.A, drawn.B), costs: 1e-100), Count);

    [Test]
    public void Solve_MassScaled_ScalesTheCost() => Law.Holds(EntropicLawCase.Smooth, EntropicLawCase.Smaller, drawn =>
        Scaled(drawn, 3.7) ?? Scaled(drawn, 1e100) ?? Scaled(drawn, 1e-100), Count);

    [Test]
    public void Solve_CostsShiftedByRowsAndColumns_KeepsThePlan() => Law.Holds(EntropicLawCase.Smooth, EntropicLawCase.Smaller, drawn =>
    {
        double largest = TransportEvidence.LargestMagnitude(drawn.Cost);
        double[] r = [.. Drawn.Cloud(drawn.Problem.Seed + 7, drawn.A.Length, 1).Select(v => v * largest)], s = [.. Drawn.Cloud(drawn.Problem.Seed + 8, drawn.B.Length, 1).Select(v => v * largest)];
        int m = drawn.B.Length;
        using TransportResult<double> here = Engines.Default.Solve(drawn.Stated, drawn.Solver);
        using TransportResult<double> shifted = Engines.Default.Solve(ExactInputs.Dense<double>([.. drawn.Cost.Select((c, k) => c + r[k / m] + s[k % m])], drawn.A, drawn.B), drawn.Solver);
        if ((here.Status, shifted.Status) != (SolveStatus.Converged, SolveStatus.Converged))
            return NotComparable(drawn, here.Status, shifted.Status);
        double difference = EntropicEvidence.Materialized(here).Zip(EntropicEvidence.Materialized(shifted), (p, q) => Math.Abs(p - q)).Sum();
        return difference <= TwoAnswers * drawn.Mass ? null : $"plans differ by {difference} of {drawn.Mass}";
    }, Count);

    [Test]
    public void Solve_StartedFromItsAnswer_EndsInOneSweep() => Law.Holds(EntropicLawCase.Cases, EntropicLawCase.Smaller, drawn =>
    {
        using TransportResult<double> cold = Engines.Default.Solve(drawn.Stated, drawn.Solver);
        if (cold.Status != SolveStatus.Converged)
            return null;

        // Where rounding alone makes errors of the tolerance's size, a second look may see others.
        double[] f = cold.Potentials.F.ToArray(), g = cold.Potentials.G.ToArray();
        if (EntropicEvidence.PlanRounding(drawn.Cost, drawn.A, drawn.B, f, g, drawn.Epsilon) > EntropicLawCase.Tolerance / 10)
            return null;
        foreach (double shift in new[] { 0, 10 * drawn.Epsilon })
        {
            // Potentials are only determined up to a constant that moves from f to g.
            DualPotentials start = new(f.Select(p => p + shift).ToArray(), g.Select(p => p - shift).ToArray());
            using TransportResult<double> warm = Engines.Default.Solve(drawn.Stated, drawn.Solver with { WarmStart = start });
            if (warm.Status != SolveStatus.Converged || warm.Iterations > 1)
                return $"{warm.Status} after {warm.Iterations} sweeps with a shift of {shift}";
            if (!(Math.Abs(warm.TransportCost - cold.TransportCost) <= TwoAnswers * TransportEvidence.LargestMagnitude(drawn.Cost) * drawn.Mass))
                return $"costs {warm.TransportCost} after {cold.TransportCost}";
        }

        return null;
    }, Count);

    [Test]
    public void Solve_StartedFromOtherPotentials_CostsTheSame() => Law.Holds(EntropicLawCase.Smooth, EntropicLawCase.Smaller, drawn =>
    {
        double largest = Math.Max(TransportEvidence.LargestMagnitude(drawn.Cost), drawn.Epsilon);
        using TransportResult<double> cold = Engines.Default.Solve(drawn.Stated, drawn.Solver);
        foreach (double size in new[] { 1.0, 100 })
        {
            DualPotentials start = new(
                Drawn.Cloud(drawn.Problem.Seed + 5, drawn.A.Length, 1).Select(v => v * size * largest).ToArray(), Drawn.Cloud(drawn.Problem.Seed + 6, drawn.B.Length, 1).Select(v => v * size * largest).ToArray());
            using TransportResult<double> warm = Engines.Default.Solve(drawn.Stated, drawn.Solver with { WarmStart = start });
            if ((cold.Status, warm.Status) != (SolveStatus.Converged, SolveStatus.Converged))
                return NotComparable(drawn, cold.Status, warm.Status);
            if (!(Math.Abs(warm.TransportCost - cold.TransportCost) <= TwoAnswers * largest * drawn.Mass))
                return $"costs {warm.TransportCost}, not {cold.TransportCost}, from potentials of size {size}";
        }

        return null;
    }, Count);

    [Test]
    public void Solve_Points_AgreesWithTheirMatrix() => Law.Holds(EntropicLawCase.Smooth, EntropicLawCase.Smaller, drawn =>
    {
        int dimension = 1 + (drawn.Problem.Seed % 9);
        NaiveCost[] grounds = [NaiveCost.SquaredEuclidean, NaiveCost.Euclidean, NaiveCost.Manhattan, NaiveCost.Chebyshev, NaiveCost.PNorm(3, 1)];
        NaiveCost ground = grounds[drawn.Problem.Seed % grounds.Length];
        double[] x = Drawn.Cloud(drawn.Problem.Seed, drawn.A.Length, dimension), y = Drawn.Cloud(drawn.Problem.Seed + 3, drawn.B.Length, dimension), cost = ground.Between(x, y, dimension);
        Sinkhorn solver = new() { Epsilon = Math.Pow(10, drawn.Decade / 10.0) * (cost.Average() + 1e-3), Tolerance = EntropicLawCase.Tolerance };
        using TransportResult<double> points = Engines.Default.Solve(ExactInputs.Points<double>(x, y, dimension, ExactInputs.CostOf(ground), drawn.A, drawn.B), solver);
        using TransportResult<double> dense = Engines.Default.Solve(ExactInputs.Dense<double>(cost, drawn.A, drawn.B), solver);
        if ((points.Status, dense.Status) != (SolveStatus.Converged, SolveStatus.Converged))
            return $"{points.Status} on points, {dense.Status} on the matrix";
        return Math.Abs(points.TransportCost - dense.TransportCost) <= TwoAnswers * TransportEvidence.LargestMagnitude(cost) * drawn.Mass
            ? Complaint(EntropicEvidence.Flaws(points, cost, drawn.A, drawn.B, EntropicLawCase.Tolerance))
            : $"{points.TransportCost} on points, {dense.TransportCost} on the matrix";
    }, Count);

    private static string? Agree(EntropicLawCase drawn, TransportProblem<double> stated, double costs = 1)
    {
        using TransportResult<double> expected = Engines.Default.Solve(drawn.Stated, drawn.Solver);
        using TransportResult<double> actual = Engines.Default.Solve(stated, drawn.Solver with { Epsilon = drawn.Epsilon * costs });
        if ((expected.Status, actual.Status) != (SolveStatus.Converged, SolveStatus.Converged))
            return NotComparable(drawn, expected.Status, actual.Status);
        double allowed = TwoAnswers * TransportEvidence.LargestMagnitude(drawn.Cost) * drawn.Mass;
        return Math.Abs((actual.TransportCost / costs) - expected.TransportCost) <= allowed ? null : $"cost {actual.TransportCost / costs}, not {expected.TransportCost} (allowed {allowed})";
    }

    private static string? Scaled(EntropicLawCase drawn, double by)
    {
        using TransportResult<double> expected = Engines.Default.Solve(drawn.Stated, drawn.Solver);
        using TransportResult<double> actual = Engines.Default.Solve(ExactInputs.Dense<double>(drawn.Cost, [.. drawn.A.Select(w => w * by)], [.. drawn.B.Select(w => w * by)]), drawn.Solver);
        if ((expected.Status, actual.Status) != (SolveStatus.Converged, SolveStatus.Converged))
            return NotComparable(drawn, expected.Status, actual.Status);
        double allowed = TwoAnswers * TransportEvidence.LargestMagnitude(drawn.Cost) * drawn.Mass;

        // P scales; the KL term counts the mass of P and of a b^T besides.
        double mass = drawn.Mass, moved = mass * by;
        double kl = by * (expected.RegularizedCost - expected.TransportCost - (drawn.Epsilon * (mass * mass - mass)));
        double regularised = (by * expected.TransportCost) + kl - (drawn.Epsilon * moved * Math.Log(by)) + (drawn.Epsilon * ((moved * moved) - moved));
        double allowedObjective = (by * allowed) + (TwoAnswers * drawn.Epsilon * (moved + (moved * moved)) * (1 + Math.Abs(Math.Log(by))));
        return !(Math.Abs((actual.TransportCost / by) - expected.TransportCost) <= allowed) ? $"cost {actual.TransportCost / by}, not {expected.TransportCost} (allowed {allowed})"
            : Math.Abs(actual.RegularizedCost - regularised) <= allowedObjective ? null
            : $"regularised cost {actual.RegularizedCost}, not {regularised} (allowed {allowedObjective})";
    }

    private static TransportProblem<double> Supported(EntropicLawCase drawn)
    {
        int[] rows = Support(drawn.A), columns = Support(drawn.B);
        return ExactInputs.Dense<double>(
            [.. rows.SelectMany(i => columns.Select(j => drawn.Cost[(i * drawn.B.Length) + j]))], [.. rows.Select(i => drawn.A[i])], [.. columns.Select(j => drawn.B[j])]);
    }

    /// <summary>Wide costs may stall or be slow; all others must converge.</summary>
    private static string? NotComparable(EntropicLawCase drawn, SolveStatus first, SolveStatus second) =>
        drawn.Problem.Costs == ExactLawCosts.Wide ? null : $"{first} and {second}";

    private static string? Complaint(IReadOnlyList<string> flaws) => flaws.Count == 0 ? null : string.Join("; ", flaws);

    private static double Scale(EntropicLawCase drawn, TransportResult<double> first, TransportResult<double> second) => Rounding * drawn.Mass
        * (TransportEvidence.LargestMagnitude(drawn.Cost) + (drawn.Epsilon * (1 + drawn.Mass)) + Largest(first, drawn) + Largest(second, drawn))
        * Math.Max(1, TransportEvidence.LargestMagnitude(drawn.Cost) / drawn.Epsilon);

    private static double Largest(TransportResult<double> result, EntropicLawCase drawn) => TransportEvidence.LargestMagnitude(
        result.Potentials.F.ToArray().Where((_, i) => drawn.A[i] > 0).Concat(result.Potentials.G.ToArray().Where((_, j) => drawn.B[j] > 0)));

    private static int[] Support(double[] weights) => [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] > 0)];

    private static int[] Permutation(int seed, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new Random(seed).Shuffle(order);
        return order;
    }
}

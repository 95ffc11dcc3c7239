using NUnit.Framework;
using OtEngine.Tests.Support;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Laws of optimal transport for any matrix of costs: tied, of either sign, over twelve orders of magnitude; a thousand cases each.</summary>
[Category("Simd")]
public sealed class ExactMatrixLawTests
{
    // Two optimal bases may differ; each cost is a compensated sum of a few dozen rounded products.
    private const double OptimalRounding = 1e-12;

    [Test]
    public void Solve_AnyProblem_ProvesTheNaiveValue() => Holds(drawn =>
    {
        using TransportResult<double> result = Engines.Default.Solve(drawn.Problem, new Exact());
        double expected = NaiveTransportLp.Solve(drawn.Cost, drawn.A, drawn.B).Value;
        double scale = drawn.A.Sum() * TransportEvidence.LargestMagnitude(drawn.Cost);
        return string.Join("; ", ExactEvidence.Doubts(result, drawn.Cost, drawn.A, drawn.B)) is { Length: > 0 } doubts
            ? doubts
            : Unless(RelativeError.Of(result.TransportCost, expected, scale) <= OptimalRounding, $"{result.TransportCost}, naively {expected}");
    });

    [Test]
    public void Solve_FewPivots_BracketsTheOptimum() => Holds(drawn =>
    {
        using TransportResult<double> result = Engines.Default.Solve(drawn.Problem, new Exact { MaxIterations = 1 + (drawn.Seed % 5) });
        double optimum = NaiveTransportLp.Solve(drawn.Cost, drawn.A, drawn.B).Value;
        double rounding = OptimalRounding * drawn.A.Sum() * TransportEvidence.LargestMagnitude(drawn.Cost);
        return string.Join("; ", ExactEvidence.Flaws(result, drawn.Cost, drawn.A, drawn.B)) is { Length: > 0 } flaws
            ? flaws
            : Unless(
                result.LowerBound <= optimum + rounding && optimum <= result.UpperBound + rounding,
                $"{optimum} is outside [{result.LowerBound}, {result.UpperBound}] after {result.Iterations} pivots, {result.Status}");
    });

    [Test]
    public void Solve_CostsAndMassesTimesPowersOfTwo_ScalesEveryBit() => Holds(drawn =>
    {
        int costs = (drawn.Seed % 401) - 200, masses = (drawn.Seed % 301) - 150;
        using TransportResult<double> result = Engines.Default.Solve(drawn.Problem, new Exact());
        using TransportResult<double> scaled = Engines.Default.Solve(
            ExactInputs.Dense<double>(Scaled(drawn.Cost, costs), Scaled(drawn.A, masses), Scaled(drawn.B, masses)), new Exact());
        return Unless(
            scaled.Status == result.Status
            && scaled.TransportCost == Math.ScaleB(result.TransportCost, costs + masses)
            && scaled.Plan.ToSparse().SequenceEqual(result.Plan.ToSparse().Select(e => e with { Mass = Math.ScaleB(e.Mass, masses) }))
            && scaled.Potentials.F.Span.SequenceEqual(Scaled(result.Potentials.F.ToArray(), costs))
            && scaled.Potentials.G.Span.SequenceEqual(Scaled(result.Potentials.G.ToArray(), costs)),
            $"cost {scaled.TransportCost} after scaling by 2^{costs} and 2^{masses}, {result.TransportCost} before");
    });

    [Test]
    public void Solve_ConstantsAddedToRowsAndColumns_ShiftsTheCost() => Holds(drawn =>
    {
        double[] r = Drawn.Cloud(drawn.Seed + 5, drawn.N, 1), s = Drawn.Cloud(drawn.Seed + 6, drawn.M, 1);
        double[] terms = [.. r.Zip(drawn.A, (v, w) => v * w), .. s.Zip(drawn.B, (v, w) => v * w)];
        double[] cost = [.. drawn.Cost.Select((c, k) => c + r[k / drawn.M] + s[k % drawn.M])];
        using TransportResult<double> result = Engines.Default.Solve(drawn.Problem, new Exact());
        using TransportResult<double> changed = Engines.Default.Solve(ExactInputs.Dense<double>(cost, drawn.A, drawn.B), new Exact());
        double expected = result.TransportCost + terms.Sum();
        return Unless(
            changed.Status == SolveStatus.Converged
            && RelativeError.Of(changed.TransportCost, expected, Magnitude(result, drawn) + terms.Sum(Math.Abs)) <= OptimalRounding,
            $"{changed.TransportCost}, {changed.Status}; expected {expected}, {result.Status}");
    });

    [Test]
    public void Solve_MasslessAtomsAdded_ChangesNothing() => Holds(drawn =>
    {
        int addedRows = 1 + (drawn.Seed % 3), addedColumns = drawn.Seed % 4;
        (int n, int m) = (drawn.N + addedRows, drawn.M + addedColumns);
        int[] rows = Spread(drawn.Seed, drawn.N, n), columns = Spread(drawn.Seed + 1, drawn.M, m);
        double[] cost = Drawn.Costs(drawn.Seed + 9, n, m, 5), a = new double[n], b = new double[m];
        for (int i = 0; i < drawn.N; i++)
            a[rows[i]] = drawn.A[i];
        for (int j = 0; j < drawn.M; j++)
            b[columns[j]] = drawn.B[j];
        for (int k = 0; k < drawn.Cost.Length; k++)
            cost[(rows[k / drawn.M] * m) + columns[k % drawn.M]] = drawn.Cost[k];

        using TransportResult<double> result = Engines.Default.Solve(drawn.Problem, new Exact());
        using TransportResult<double> larger = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Exact());
        return string.Join("; ", ExactEvidence.Doubts(larger, cost, a, b)) is { Length: > 0 } doubts
            ? doubts
            : Unless(
                larger.TransportCost == result.TransportCost
                && larger.Plan.ToSparse().SequenceEqual(result.Plan.ToSparse().Select(e => new PlanEntry(rows[e.Row], columns[e.Column], e.Mass))),
                $"{larger.TransportCost}, without them {result.TransportCost}");
    });

    [Test]
    public void Solve_WarmStartFromItsPotentials_HasTheValueInFewerPivots()
    {
        long coldPivots = 0, warmPivots = 0;
        Holds(drawn =>
        {
            using TransportResult<double> cold = Engines.Default.Solve(drawn.Problem, new Exact());
            using TransportResult<double> warm = Engines.Default.Solve(drawn.Problem, new Exact { WarmStart = cold.Potentials });
            coldPivots += cold.Iterations;
            warmPivots += warm.Iterations;
            return string.Join("; ", ExactEvidence.Doubts(warm, drawn.Cost, drawn.A, drawn.B)) is { Length: > 0 } doubts
                ? doubts
                : Unless(
                    RelativeError.Of(warm.TransportCost, cold.TransportCost, Magnitude(cold, drawn)) <= OptimalRounding,
                    $"{warm.TransportCost}, {cold.TransportCost} from a cold start");
        });
        TestContext.Out.WriteLine($"{coldPivots} pivots cold, {warmPivots} warm");
        Assert.That(warmPivots, Is.LessThan(coldPivots));
    }

    private static void Holds(Func<ExactLawCase, string?> law) => Law.Holds(ExactLawCase.Cases, ExactLawCase.Smaller, law);

    private static double Magnitude(TransportResult<double> result, ExactLawCase drawn) =>
        ExactEvidence.Magnitude(result.Plan.ToSparse(), drawn.Cost, drawn.M);

    private static string? Unless(bool holds, string complaint) => holds ? null : complaint;

    private static double[] Scaled(double[] values, int exponent) => [.. values.Select(v => Math.ScaleB(v, exponent))];

    private static int[] Spread(int seed, int count, int places)
    {
        int[] all = [.. Enumerable.Range(0, places)];
        new Random(seed).Shuffle(all);
        return [.. all.Take(count).Order()];
    }
}

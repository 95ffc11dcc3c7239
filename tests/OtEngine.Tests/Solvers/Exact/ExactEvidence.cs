using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>What an exact answer must show against its own inputs, computed anew from the cost matrix.</summary>
internal static class ExactEvidence
{
    /// <summary>The design's bounds on the certificate.</summary>
    public const double CertificateInDouble = 1e-9;

    public const double CertificateInFloat = 1e-5;

    /// <summary>The design's bound on the marginals, as a share of the mass: masses are held in units of 2^-60 of it.</summary>
    public const double MarginalShare = 1e-12;

    // The cost of at most n + m entries, each product and the compensated sum rounded once.
    private const double CostRounding = 1e-14;

    /// <summary>
    /// A difference of a cost and a potential is rounded once; costs of points may differ from the naive ones by a few roundings of the
    /// coordinates' differences, and the cosine by those of 1.
    /// </summary>
    private const double FeasibilityRounding = 1e-13;

    public static double CertificateOf<T>() => typeof(T) == typeof(float) ? CertificateInFloat : CertificateInDouble;

    /// <summary>
    /// Asserts that a converged answer's plan is feasible, its potentials are dual feasible for every pair of atoms, its sums are those of
    /// the plan and of the potentials, and both agree: together a proof of optimality that uses nothing the engine computed but plan and potentials.
    /// </summary>
    /// <param name="result">The answer.</param>
    /// <param name="cost">n x m costs in double; plus infinity where a sparse geometry has no arc.</param>
    /// <param name="a">The n weights as the engine was given them.</param>
    /// <param name="b">The m weights.</param>
    /// <param name="name">Names the problem in messages.</param>
    public static void Proves<T>(TransportResult<T> result, double[] cost, double[] a, double[] b, string name)
        where T : unmanaged, IFloatingPointIeee754<T> => Assert.That(Doubts(result, cost, a, b), Is.Empty, name);

    /// <summary>What is missing from the proof; see <see cref="Proves"/>.</summary>
    public static IReadOnlyList<string> Doubts<T>(TransportResult<T> result, double[] cost, double[] a, double[] b)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double scale = Math.Max(Math.Abs(result.TransportCost), Magnitude(result.Plan.ToSparse(), cost, b.Length));
        double gap = RelativeError.Of(result.DualCost, result.TransportCost, scale);
        List<string> doubts = [.. Flaws(result, cost, a, b)];
        Require(doubts, result.Status == SolveStatus.Converged, $"status {result.Status}");
        Require(doubts, gap <= CertificateOf<T>(), $"gap {gap}");
        Require(doubts, result.Certificate.RelativeGap <= CertificateOf<T>(), $"{result.Certificate}");
        Require(doubts, result.Certificate.LargestViolation <= CertificateOf<T>(), $"{result.Certificate}");
        return doubts;
    }

    /// <summary>What contradicts an answer that need not have converged: its plan must be feasible and its lower bound valid all the same.</summary>
    public static IReadOnlyList<string> Flaws<T>(TransportResult<T> result, double[] cost, double[] a, double[] b)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        IReadOnlyList<PlanEntry> entries = result.Plan.ToSparse();
        double mass = NeumaierSum.Of(a);
        double[] rescaled = Rescaled(b, mass);
        double[] f = result.Potentials.F.ToArray();
        double[] g = result.Potentials.G.ToArray();
        (double errorA, double errorB) = MarginalErrors(entries, a, rescaled);
        double planCost = NeumaierSum.Of(entries.Select(e => cost[(e.Row * b.Length) + e.Column] * e.Mass));
        double costError = RelativeError.Of(result.TransportCost, planCost, Magnitude(entries, cost, b.Length));
        double dual = TransportEvidence.DualCost(f, g, a, rescaled);
        double dualError = RelativeError.Of(result.DualCost, dual, DualMagnitude(f, g, a, rescaled));
        double violation = DualViolation(cost, f, g);
        int mostEntries = Math.Max(1, a.Count(w => w > 0) + b.Count(w => w > 0) - 1);

        List<string> flaws = [];
        Require(flaws, entries.All(e => e.Mass > 0), "an entry of the plan is not positive");
        Require(flaws, entries.Zip(entries.Skip(1)).All(e => (e.First.Row, e.First.Column).CompareTo((e.Second.Row, e.Second.Column)) < 0), "the plan is not in row-major order");
        Require(flaws, entries.Count <= mostEntries, $"the plan has {entries.Count} entries, a basis {mostEntries}");
        Require(flaws, errorA <= MarginalShare * mass, $"marginal error {errorA} on side a");
        Require(flaws, errorB <= MarginalShare * mass, $"marginal error {errorB} on side b");
        Require(flaws, result.MarginalErrorA <= MarginalShare * mass, $"reported marginal error {result.MarginalErrorA} on side a");
        Require(flaws, result.MarginalErrorB <= MarginalShare * mass, $"reported marginal error {result.MarginalErrorB} on side b");
        Require(flaws, RelativeError.Of(result.Mass, mass) <= MarginalShare, $"mass {result.Mass}, not {mass}");
        Require(flaws, costError <= CostRounding + FeasibilityRounding, $"cost {result.TransportCost}, but the plan costs {planCost}");
        Require(flaws, violation <= FeasibilityRounding, $"potentials violate a cost by a share of {violation}");
        Require(flaws, dualError <= CostRounding, $"dual cost {result.DualCost}, but the potentials give {dual}");
        Require(flaws, result.RegularizedCost == result.TransportCost, "the regularised cost is another");
        Require(flaws, result.LowerBound <= result.UpperBound, $"the bracket [{result.LowerBound}, {result.UpperBound}] is empty");
        return flaws;
    }

    /// <summary>sum |C_ij| P_ij.</summary>
    public static double Magnitude(IReadOnlyList<PlanEntry> entries, double[] cost, int columns) =>
        NeumaierSum.Of(entries.Select(e => Math.Abs(cost[(e.Row * columns) + e.Column]) * e.Mass));

    /// <summary>The L1 distance of row and column sums from a and b.</summary>
    public static (double A, double B) MarginalErrors(IReadOnlyList<PlanEntry> entries, double[] a, double[] b)
    {
        ILookup<int, double> rows = entries.ToLookup(e => e.Row, e => e.Mass);
        ILookup<int, double> columns = entries.ToLookup(e => e.Column, e => e.Mass);
        return (a.Select((w, i) => Math.Abs(NeumaierSum.Of(rows[i]) - w)).Sum(), b.Select((w, j) => Math.Abs(NeumaierSum.Of(columns[j]) - w)).Sum());
    }

    /// <summary>max over all pairs, massless ones included, of (f_i + g_j - C_ij) / (|C_ij| + |f_i| + |g_j|), or 0; infinity for a NaN.</summary>
    public static double DualViolation(double[] cost, double[] f, double[] g)
    {
        double largest = 0;
        for (int i = 0; i < f.Length; i++)
        {
            for (int j = 0; j < g.Length; j++)
            {
                double c = cost[(i * g.Length) + j];
                double excess = f[i] + g[j] - c;
                if (double.IsNaN(excess))
                    return double.PositiveInfinity;
                if (excess > 0)
                    largest = Math.Max(largest, excess / (Math.Abs(c) + Math.Abs(f[i]) + Math.Abs(g[j])));
            }
        }

        return largest;
    }

    /// <summary>b scaled to a total, as the engine does when totals differ within the allowed tolerance.</summary>
    public static double[] Rescaled(double[] b, double total)
    {
        double own = NeumaierSum.Of(b);
        return own == total ? b : [.. b.Select(w => w / own * total)];
    }

    private static double DualMagnitude(double[] f, double[] g, double[] a, double[] b) =>
        NeumaierSum.Of(f.Zip(a, (p, w) => Math.Abs(p * w)).Concat(g.Zip(b, (p, w) => Math.Abs(p * w))));

    private static void Require(List<string> complaints, bool holds, string otherwise)
    {
        if (!holds)
            complaints.Add(otherwise);
    }
}

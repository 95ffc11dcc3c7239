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
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), name);
            IsFeasible(result, cost, a, b, name);
            double scale = Math.Max(Math.Abs(result.TransportCost), Magnitude(result.Plan.ToSparse(), cost, b.Length));
            Assert.That(RelativeError.Of(result.DualCost, result.TransportCost, scale), Is.LessThanOrEqualTo(CertificateOf<T>()), $"{name}: gap");
            Assert.That(result.Certificate.RelativeGap, Is.LessThanOrEqualTo(CertificateOf<T>()), $"{name}: certificate");
            Assert.That(result.Certificate.LargestViolation, Is.LessThanOrEqualTo(CertificateOf<T>()), $"{name}: certificate");
        }
    }

    /// <summary>What holds of any answer with a plan, converged or not.</summary>
    public static void IsFeasible<T>(TransportResult<T> result, double[] cost, double[] a, double[] b, string name)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        IReadOnlyList<PlanEntry> entries = result.Plan.ToSparse();
        double mass = NeumaierSum.Of(a);
        (double errorA, double errorB) = MarginalErrors(entries, a, Rescaled(b, mass));
        double[] f = result.Potentials.F.ToArray();
        double[] g = result.Potentials.G.ToArray();
        double magnitude = Magnitude(entries, cost, b.Length);
        double dual = TransportEvidence.DualCost(f, g, a, Rescaled(b, mass));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(entries.Select(e => e.Mass), Is.All.GreaterThan(0), $"{name}: plan");
            Assert.That(entries.Select(e => ((long)e.Row * b.Length) + e.Column), Is.Ordered.And.Unique, $"{name}: plan");
            Assert.That(entries, Has.Count.LessThanOrEqualTo(Math.Max(1, a.Count(w => w > 0) + b.Count(w => w > 0) - 1)), $"{name}: plan");
            Assert.That(errorA, Is.LessThanOrEqualTo(MarginalShare * mass), $"{name}: marginal of side a");
            Assert.That(errorB, Is.LessThanOrEqualTo(MarginalShare * mass), $"{name}: marginal of side b");
            Assert.That(result.MarginalErrorA, Is.LessThanOrEqualTo(MarginalShare * mass), $"{name}: reported marginal of side a");
            Assert.That(result.MarginalErrorB, Is.LessThanOrEqualTo(MarginalShare * mass), $"{name}: reported marginal of side b");
            Assert.That(RelativeError.Of(result.Mass, mass), Is.LessThanOrEqualTo(MarginalShare), $"{name}: mass");
            Assert.That(
                RelativeError.Of(result.TransportCost, CostOf(entries, cost, b.Length), magnitude),
                Is.LessThanOrEqualTo(CostRounding + FeasibilityRounding),
                $"{name}: cost of the plan");
            Assert.That(DualViolation(cost, f, g), Is.LessThanOrEqualTo(FeasibilityRounding), $"{name}: dual feasibility");
            Assert.That(
                RelativeError.Of(result.DualCost, dual, DualMagnitude(f, g, a, b)),
                Is.LessThanOrEqualTo(CostRounding),
                $"{name}: dual cost");
            Assert.That(result.RegularizedCost, Is.EqualTo(result.TransportCost), name);
            Assert.That(result.LowerBound, Is.LessThanOrEqualTo(result.UpperBound), $"{name}: bracket");
        }
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

    private static double CostOf(IReadOnlyList<PlanEntry> entries, double[] cost, int columns) =>
        NeumaierSum.Of(entries.Select(e => cost[(e.Row * columns) + e.Column] * e.Mass));

    private static double DualMagnitude(double[] f, double[] g, double[] a, double[] b) =>
        NeumaierSum.Of(f.Zip(a, (p, w) => Math.Abs(p * w)).Concat(g.Zip(b, (p, w) => Math.Abs(p * w))));
}

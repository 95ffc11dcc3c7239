namespace OtEngine.TestSupport;

/// <summary>What an answer to a transport problem shows by itself. Matrices are row-major, n x m.</summary>
public static class TransportEvidence
{
    /// <summary>The largest |sum_j P_ij - a_i| and |sum_i P_ij - b_j|, NaN if the plan holds a NaN.</summary>
    public static double MarginalError(double[] plan, double[] a, double[] b)
    {
        var rows = a.Select((w, i) => NeumaierSum.Of(b.Select((_, j) => plan[(i * b.Length) + j])) - w);
        var columns = b.Select((w, j) => NeumaierSum.Of(a.Select((_, i) => plan[(i * b.Length) + j])) - w);
        return LargestMagnitude(rows.Concat(columns));
    }

    /// <summary>The most negative entry, 0 if there is none.</summary>
    public static double NegativeMass(double[] plan) => plan.Append(0).Min();

    /// <summary>
    /// The most negative C_ij - f_i - g_j relative to |C_ij| + |f_i| + |g_j| over rows and columns with mass, 0 if there is none:
    /// how far the potentials are from dual feasible.
    /// </summary>
    public static double DualViolation(double[] cost, double[] f, double[] g, double[] a, double[] b) =>
        (from i in Enumerable.Range(0, a.Length)
         where a[i] > 0
         from j in Enumerable.Range(0, b.Length)
         where b[j] > 0
         let c = cost[(i * b.Length) + j]
         let reduced = c - f[i] - g[j]
         where !(reduced >= 0)
         select reduced / (Math.Abs(c) + Math.Abs(f[i]) + Math.Abs(g[j]))).Append(0).Min();

    /// <summary>sum f a + sum g b over the atoms with mass.</summary>
    public static double DualCost(double[] f, double[] g, double[] a, double[] b) => NeumaierSum.Of(
        f.Zip(a, (p, w) => w == 0 ? 0 : p * w).Concat(g.Zip(b, (p, w) => w == 0 ? 0 : p * w)));

    /// <summary>&lt;C,P&gt; over the entries with mass.</summary>
    public static double TransportCost(double[] cost, double[] plan) =>
        NeumaierSum.Of(cost.Zip(plan, (c, mass) => mass == 0 ? 0 : c * mass));

    /// <summary>The largest |value|, 0 if there is none, NaN if one is NaN.</summary>
    public static double LargestMagnitude(IEnumerable<double> values) => values.Select(Math.Abs).Append(0).Aggregate(Math.Max);
}

namespace OtEngine.TestSupport;

/// <summary>
/// What potentials f, g of an entropic problem stand for, by the definitions. Matrices are row-major, n x m; a and b have one total.
/// KL(p | q) = sum p ln(p/q) - p + q. Atoms without mass have no part in any sum, whatever their potential.
/// </summary>
public static class NaiveEntropic
{
    /// <summary>P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps), 0 where a_i or b_j is.</summary>
    public static double[] Plan(double[] cost, double[] a, double[] b, double[] f, double[] g, double epsilon) =>
        [.. cost.Select((c, k) => (a[k / b.Length], b[k % b.Length]) is (> 0, > 0) and var (w, v)
            ? Math.Exp(((f[k / b.Length] + g[k % b.Length] - c) / epsilon) + Math.Log(w) + Math.Log(v))
            : 0)];

    /// <summary>KL(P | a b^T), for any plan that has no mass where a b^T has none.</summary>
    public static double KullbackLeibler(double[] plan, double[] a, double[] b) => NeumaierSum.Of(plan.SelectMany((p, k) =>
    {
        double reference = a[k / b.Length] * b[k % b.Length];
        double[] terms = [p == 0 ? 0 : p * (Math.Log(p) - Math.Log(a[k / b.Length]) - Math.Log(b[k % b.Length])), -p, reference];
        return terms;
    }));

    /// <summary>&lt;C,P&gt; + eps KL(P | a b^T).</summary>
    public static double RegularizedCost(double[] cost, double[] plan, double[] a, double[] b, double epsilon) =>
        TransportEvidence.TransportCost(cost, plan) + (epsilon * KullbackLeibler(plan, a, b));

    /// <summary>sum a f + sum b g - eps sum_ij (P_ij - a_i b_j), with P the plan of f and g.</summary>
    public static double DualCost(double[] cost, double[] a, double[] b, double[] f, double[] g, double epsilon) =>
        TransportEvidence.DualCost(f, g, a, b)
        + (epsilon * (NeumaierSum.Of(a.SelectMany(w => b.Select(v => w * v))) - NeumaierSum.Of(Plan(cost, a, b, f, g, epsilon))));

    /// <summary>sum_i |sum_j P_ij - a_i| and sum_j |sum_i P_ij - b_j|.</summary>
    public static (double A, double B) MarginalErrors(double[] plan, double[] a, double[] b) => (
        NeumaierSum.Of(RowSums(plan, a.Length).Zip(a, (r, w) => Math.Abs(r - w))),
        NeumaierSum.Of(RowSums(NaiveSoftMin.Transposed(plan, a.Length), b.Length).Zip(b, (c, w) => Math.Abs(c - w))));

    /// <summary>
    /// What f proves alone and what g proves alone about min &lt;C,P&gt;: the dual value with the other side's hard c-transform over the support.
    /// </summary>
    public static (double OfF, double OfG) LowerBounds(double[] cost, double[] a, double[] b, double[] f, double[] g) => (
        TransportEvidence.DualCost(f, NaiveSoftMin.OfRows(cost, f, a, 0), a, b),
        TransportEvidence.DualCost(NaiveSoftMin.OfColumns(cost, g, b, 0), g, a, b));

    /// <summary>
    /// A plan with exactly the marginals a and b (Altschuler, Weed and Rigollet 2017, algorithm 2): rows are scaled down to at most a,
    /// then columns to at most b, and what is missing is added as the product of the missing rows and the missing columns.
    /// </summary>
    public static double[] Rounded(double[] plan, double[] a, double[] b)
    {
        int m = b.Length;
        double[] rows = RowSums(plan, a.Length);
        double[] rounded = [.. plan.Select((p, k) => rows[k / m] > a[k / m] ? p * (a[k / m] / rows[k / m]) : p)];
        double[] columns = RowSums(NaiveSoftMin.Transposed(rounded, a.Length), m);
        rounded = [.. rounded.Select((p, k) => columns[k % m] > b[k % m] ? p * (b[k % m] / columns[k % m]) : p)];
        double[] missingA = [.. a.Zip(RowSums(rounded, a.Length), (w, r) => Math.Max(0, w - r))];
        double[] missingB = [.. b.Zip(RowSums(NaiveSoftMin.Transposed(rounded, a.Length), m), (w, c) => Math.Max(0, w - c))];
        double missing = NeumaierSum.Of(missingA);
        return missing == 0 ? rounded : [.. rounded.Select((p, k) => p + (missingA[k / m] / missing * missingB[k % m]))];
    }

    /// <summary>P V of an n x m plan and an m x k matrix; with <see cref="NaiveSoftMin.Transposed"/> also P^T V.</summary>
    public static double[] Apply(double[] plan, double[] values, int columns)
    {
        int m = values.Length / columns;
        return [.. from row in plan.Chunk(m) from k in Enumerable.Range(0, columns) select NeumaierSum.Of(row.Select((p, j) => p * values[(j * columns) + k]))];
    }

    /// <summary>The sum of each of the rows of a matrix.</summary>
    public static double[] RowSums(double[] matrix, int rows) => [.. matrix.Chunk(matrix.Length / rows).Select(NeumaierSum.Of)];
}

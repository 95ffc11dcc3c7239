namespace OtEngine.Backends;

/// <summary>
/// What the verb PlanReduce does with sums over rows and columns of a plan, the same on every backend: errors, entropy, and both bounds on
/// the exact cost. Atoms without mass count for nothing, whatever stands beside them.
/// </summary>
/// <remarks>
/// The upper bound is the cost of the plan rounded to the marginals (rows scaled down, columns scaled down, the rest filled in by a product);
/// the lower one the value of the hard c-transform of g, taken twice. Source: J. Altschuler, J. Weed, P. Rigollet, Near-linear time
/// approximation algorithms for optimal transport via Sinkhorn iteration, NIPS 2017, algorithm 2.
/// </remarks>
internal static class PlanReductionRule
{
    /// <summary>Each potential of a c-transform is one subtraction, and each weight one division, right to 2^-53 of itself.</summary>
    private const double PotentialRounding = 1.0 / (1L << 52);

    /// <summary>Everything but the bracket.</summary>
    /// <param name="a">Shares of side a.</param>
    /// <param name="b">Shares of side b.</param>
    /// <param name="f">Potentials.</param>
    /// <param name="g">Potentials.</param>
    /// <param name="rowSums">sum_j P_ij.</param>
    /// <param name="columnSums">sum_i P_ij.</param>
    /// <param name="cost">sum C_ij P_ij.</param>
    /// <param name="epsilon">The regularisation.</param>
    public static PlanReduction Measure(
        ReadOnlySpan<double> a,
        ReadOnlySpan<double> b,
        ReadOnlySpan<double> f,
        ReadOnlySpan<double> g,
        ReadOnlySpan<double> rowSums,
        ReadOnlySpan<double> columnSums,
        double cost,
        double epsilon)
    {
        CompensatedSum mass = default;
        CompensatedSum linear = default;
        CompensatedSum weighted = default;
        double errorA = 0;
        double errorB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] == 0)
                continue;
            mass.Add(rowSums[i]);
            errorA += Math.Abs(rowSums[i] - a[i]);
            linear.AddProduct(a[i], f[i]);
            weighted.AddProduct(rowSums[i], f[i]);
        }

        for (int j = 0; j < b.Length; j++)
        {
            if (b[j] == 0)
                continue;
            errorB += Math.Abs(columnSums[j] - b[j]);
            linear.AddProduct(b[j], g[j]);
            weighted.AddProduct(columnSums[j], g[j]);
        }

        return new PlanReduction(cost, mass.Value, (weighted.Value - cost) / epsilon, linear.Value, errorA, errorB, double.NaN, double.NaN);
    }

    /// <summary>A potential to start hard transforms from: one that is no number proves nothing, and zero is as good in its place.</summary>
    public static double Proven(double potential) => double.IsFinite(potential) ? potential : 0;

    /// <summary>
    /// The value of feasible potentials, less what rounding may have added; minus infinity where the sums leave the range of numbers.
    /// </summary>
    public static double LowerBound(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> f, ReadOnlySpan<double> g)
    {
        CompensatedSum value = default;
        double magnitude = 0;
        Add(a, f);
        Add(b, g);
        double bound = value.Value - (PotentialRounding * magnitude);
        return double.IsNaN(bound) ? double.NegativeInfinity : bound;

        void Add(ReadOnlySpan<double> shares, ReadOnlySpan<double> potentials)
        {
            for (int k = 0; k < shares.Length; k++)
            {
                if (shares[k] == 0)
                    continue;
                value.AddProduct(shares[k], potentials[k]);
                magnitude += shares[k] * Math.Abs(potentials[k]);
            }
        }
    }

    /// <summary>
    /// What rows are scaled by. Factors stand beside the exponentials, so that the marginals are right however few digits the exponents have; a
    /// row whose sum is no number is left out and filled in.
    /// </summary>
    public static void RowFactors(ReadOnlySpan<double> a, ReadOnlySpan<double> rowSums, Span<double> factors)
    {
        for (int i = 0; i < a.Length; i++)
            factors[i] = a[i] > 0 && double.IsFinite(rowSums[i]) ? Math.Min(1, a[i] / rowSums[i]) : 0;
    }

    /// <summary>What columns are scaled by, given their sums with the rows scaled; in place of the sums, what is then missing of b.</summary>
    /// <returns>All that is missing.</returns>
    public static double ColumnFactors(ReadOnlySpan<double> b, Span<double> columnSums, Span<double> factors)
    {
        CompensatedSum missing = default;
        for (int j = 0; j < b.Length; j++)
        {
            factors[j] = b[j] > 0 ? Math.Min(1, b[j] / columnSums[j]) : 0;
            columnSums[j] = b[j] > 0 ? Math.Max(b[j] - (columnSums[j] * factors[j]), 0) : 0;
            missing.Add(columnSums[j]);
        }

        return missing.Value;
    }

    /// <summary>In place of the row sums of the scaled plan, what is missing of a.</summary>
    /// <returns>All that is missing.</returns>
    public static double MissingRows(ReadOnlySpan<double> a, Span<double> rowSums)
    {
        CompensatedSum missing = default;
        for (int i = 0; i < a.Length; i++)
        {
            rowSums[i] = a[i] > 0 ? Math.Max(a[i] - rowSums[i], 0) : 0;
            missing.Add(rowSums[i]);
        }

        return missing.Value;
    }

    /// <summary>The cost of the rounded plan; plus infinity where the sums leave the range of numbers.</summary>
    /// <param name="scaledCost">Cost of the scaled plan.</param>
    /// <param name="fillCost">sum_ij missing_i C_ij missing_j.</param>
    /// <param name="fill">The larger of what is missing on either side.</param>
    public static double UpperBound(double scaledCost, double fillCost, double fill)
    {
        double bound = fill > 0 ? scaledCost + (fillCost / fill) : scaledCost;
        return double.IsNaN(bound) ? double.PositiveInfinity : bound;
    }

    /// <summary>Both bounds are right to rounding; where they meet, rounding may not turn them round.</summary>
    public static PlanReduction WithBracket(PlanReduction reduction, double lower, double upper) =>
        reduction with { LowerBound = Math.Min(lower, upper), UpperBound = upper };
}

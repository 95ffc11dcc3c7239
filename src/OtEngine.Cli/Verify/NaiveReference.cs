namespace OtEngine.Cli.Verify;

/// <summary>
/// What the entropic verbs compute, by their definitions in double, one number after the other: n x m costs, weights of total one, potentials in
/// cost units. Slow and plain on purpose; atoms without mass have no part in any sum.
/// </summary>
internal sealed class NaiveReference(double[] costs, double[] a, double[] b, double[] f, double[] g, double epsilon)
{
    private readonly int _columns = b.Length;

    /// <summary>C_ij.</summary>
    public double[] Costs => costs;

    /// <summary>P_ij = a_i b_j exp((f_i + g_j - C_ij) / eps).</summary>
    public double[] Plan { get; } = MakePlan(costs, a, b, f, g, epsilon);

    /// <summary>The largest magnitude of an exponent in powers of two: its rounding is that many times the unit's.</summary>
    public double LargestExponent
    {
        get
        {
            double largest = 0;
            for (int k = 0; k < costs.Length; k++)
                largest = Math.Max(largest, Math.Abs((f[k / _columns] + g[k % _columns] - costs[k]) / epsilon) * Math.Log2(Math.E));
            return largest;
        }
    }

    /// <summary>min C, max C, mean |C|.</summary>
    public double[] Statistics => [costs.Min(), costs.Max(), costs.Average(Math.Abs)];

    /// <summary>sum C P, sum P, sum P ln(P / a b), sum a f + sum b g, and the L1 errors of both marginals.</summary>
    public double[] Sums
    {
        get
        {
            double cost = 0, mass = 0, entropy = 0, linear = 0;
            for (int k = 0; k < Plan.Length; k++)
            {
                cost += costs[k] * Plan[k];
                mass += Plan[k];
                entropy += Plan[k] * ((f[k / _columns] + g[k % _columns] - costs[k]) / epsilon);
            }

            for (int i = 0; i < a.Length; i++)
                linear += a[i] * f[i];
            for (int j = 0; j < b.Length; j++)
                linear += b[j] * g[j];
            return [cost, mass, entropy, linear, Distance(RowSums(Plan), a), Distance(ColumnSums(Plan), b)];
        }
    }

    /// <summary>Row sums of the plan, then its column sums.</summary>
    public double[] Marginals => [.. RowSums(Plan), .. ColumnSums(Plan)];

    /// <summary>The dual value of the hard c-transform, twice over, of g, and the cost of the plan rounded to the marginals.</summary>
    public (double Lower, double Upper) Bracket
    {
        get
        {
            double[] hardF = SoftF(g, 0), hardG = SoftG(hardF, 0);
            double lower = 0;
            for (int i = 0; i < a.Length; i++)
                lower += a[i] == 0 ? 0 : a[i] * hardF[i];
            for (int j = 0; j < b.Length; j++)
                lower += b[j] == 0 ? 0 : b[j] * hardG[j];
            double[] rounded = Rounded();
            double upper = 0;
            for (int k = 0; k < rounded.Length; k++)
                upper += costs[k] * rounded[k];
            return (lower, upper);
        }
    }

    /// <summary>The cost of a b^T.</summary>
    public double ProductCost => Enumerable.Range(0, costs.Length).Sum(k => costs[k] * a[k / _columns] * b[k % _columns]);

    /// <summary>f and g, those of atoms without mass replaced by their soft c-transforms.</summary>
    public double[] Extended
    {
        get
        {
            double[] softF = SoftF(g, epsilon), softG = SoftG(f, epsilon);
            return [.. f.Select((p, i) => a[i] > 0 ? p : softF[i]), .. g.Select((p, j) => b[j] > 0 ? p : softG[j])];
        }
    }

    /// <summary>f and g after some full sweeps with a fixed relaxation; those of atoms without mass as they were.</summary>
    public double[] Swept(int sweeps, double omega)
    {
        double[] nextF = [.. f], nextG = [.. g];
        for (int sweep = 0; sweep < sweeps; sweep++)
        {
            double[] softF = SoftF(nextG, epsilon);
            for (int i = 0; i < a.Length; i++)
                nextF[i] = a[i] > 0 ? ((1 - omega) * nextF[i]) + (omega * softF[i]) : nextF[i];
            double[] softG = SoftG(nextF, epsilon);
            for (int j = 0; j < b.Length; j++)
                nextG[j] = b[j] > 0 ? ((1 - omega) * nextG[j]) + (omega * softG[j]) : nextG[j];
        }

        return [.. nextF, .. nextG];
    }

    /// <summary>Potentials of the atoms with mass, a constant moved from one side to the other until the first of side a is zero: what a plan depends on.</summary>
    public double[] Aligned(double[] potentials)
    {
        double constant = potentials[Array.FindIndex(a, weight => weight > 0)];
        return
        [
            .. Enumerable.Range(0, a.Length).Where(i => a[i] > 0).Select(i => potentials[i] - constant),
            .. Enumerable.Range(0, b.Length).Where(j => b[j] > 0).Select(j => potentials[a.Length + j] + constant),
        ];
    }

    /// <summary>P V, or P^T V.</summary>
    public double[] Applied(double[] values, int width, bool transposed)
    {
        double[] result = new double[(transposed ? b.Length : a.Length) * width];
        for (int k = 0; k < Plan.Length; k++)
        {
            (int from, int to) = transposed ? (k / _columns, k % _columns) : (k % _columns, k / _columns);
            for (int c = 0; c < width; c++)
                result[(to * width) + c] += Plan[k] * values[(from * width) + c];
        }

        return result;
    }

    private static double[] MakePlan(double[] costs, double[] a, double[] b, double[] f, double[] g, double epsilon)
    {
        double[] plan = new double[costs.Length];
        for (int k = 0; k < plan.Length; k++)
        {
            (int i, int j) = (k / b.Length, k % b.Length);
            plan[k] = a[i] == 0 || b[j] == 0 ? 0 : a[i] * b[j] * Math.Exp((f[i] + g[j] - costs[k]) / epsilon);
        }

        return plan;
    }

    private static double Distance(double[] x, double[] y) => x.Zip(y, (s, t) => Math.Abs(s - t)).Sum();

    private double[] SoftF(double[] potentials, double eps) =>
        [.. Enumerable.Range(0, a.Length).Select(i => SoftMin(b, j => costs[(i * _columns) + j] - potentials[j], eps))];

    private double[] SoftG(double[] potentials, double eps) =>
        [.. Enumerable.Range(0, b.Length).Select(j => SoftMin(a, i => costs[(i * _columns) + j] - potentials[i], eps))];

    /// <summary>-eps ln sum w exp(-x / eps), at eps = 0 min x, over what has weight.</summary>
    private static double SoftMin(double[] weights, Func<int, double> term, double eps)
    {
        double least = double.PositiveInfinity;
        for (int k = 0; k < weights.Length; k++)
            least = weights[k] > 0 ? Math.Min(least, term(k)) : least;
        if (eps == 0)
            return least;
        double sum = 0;
        for (int k = 0; k < weights.Length; k++)
            sum += weights[k] > 0 ? weights[k] * Math.Exp((least - term(k)) / eps) : 0;
        return least - (eps * Math.Log(sum));
    }

    private double[] RowSums(double[] plan)
    {
        double[] sums = new double[a.Length];
        for (int k = 0; k < plan.Length; k++)
            sums[k / _columns] += plan[k];
        return sums;
    }

    private double[] ColumnSums(double[] plan)
    {
        double[] sums = new double[b.Length];
        for (int k = 0; k < plan.Length; k++)
            sums[k % _columns] += plan[k];
        return sums;
    }

    /// <summary>Rows scaled down to a, then columns to b, and what is missing added as a product.</summary>
    private double[] Rounded()
    {
        double[] plan = [.. Plan], rows = RowSums(plan);
        for (int k = 0; k < plan.Length; k++)
            plan[k] *= rows[k / _columns] > a[k / _columns] ? a[k / _columns] / rows[k / _columns] : 1;
        double[] columns = ColumnSums(plan);
        for (int k = 0; k < plan.Length; k++)
            plan[k] *= columns[k % _columns] > b[k % _columns] ? b[k % _columns] / columns[k % _columns] : 1;
        double[] missingA = [.. RowSums(plan).Select((r, i) => Math.Max(0, a[i] - r))], missingB = [.. ColumnSums(plan).Select((c, j) => Math.Max(0, b[j] - c))];
        double missing = missingA.Sum();
        for (int k = 0; k < plan.Length && missing > 0; k++)
            plan[k] += missingA[k / _columns] / missing * missingB[k % _columns];
        return plan;
    }
}

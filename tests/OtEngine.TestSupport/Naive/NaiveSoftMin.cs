namespace OtEngine.TestSupport;

/// <summary>Soft c-transforms, at eps = 0 the hard ones, by their definition in double with the largest exponent taken out.</summary>
public static class NaiveSoftMin
{
    /// <summary>
    /// -eps ln sum_j w_j exp((p_j - c_j) / eps) over the j with w_j > 0, min_j c_j - p_j over them at eps = 0; plus infinity if there is none.
    /// </summary>
    public static double Of(ReadOnlySpan<double> costs, ReadOnlySpan<double> potentials, ReadOnlySpan<double> weights, double epsilon)
    {
        double least = double.PositiveInfinity;
        for (int j = 0; j < costs.Length; j++)
        {
            if (weights[j] > 0)
                least = Math.Min(least, costs[j] - potentials[j] - (epsilon == 0 ? 0 : epsilon * Math.Log(weights[j])));
        }

        if (epsilon == 0 || double.IsPositiveInfinity(least))
            return least;
        double sum = 0;
        for (int j = 0; j < costs.Length; j++)
        {
            if (weights[j] > 0)
                sum += Math.Exp(Math.Log(weights[j]) + ((least + potentials[j] - costs[j]) / epsilon));
        }

        return least - (epsilon * Math.Log(sum));
    }

    /// <summary>f_i = <see cref="Of"/> row i of an n x m matrix, with g and b.</summary>
    public static double[] OfColumns(double[] cost, double[] g, double[] b, double epsilon) =>
        [.. cost.Chunk(g.Length).Select(row => Of(row, g, b, epsilon))];

    /// <summary>g_j = <see cref="Of"/> column j of an n x m matrix, with f and a.</summary>
    public static double[] OfRows(double[] cost, double[] f, double[] a, double epsilon) => OfColumns(Transposed(cost, f.Length), f, a, epsilon);

    /// <summary>
    /// Along one axis of a grid: out[.., k, ..] = -eps ln sum_l exp((potential[.., l, ..] + logWeight[.., l, ..] eps - c[k, l]) / eps),
    /// a log-weight of minus infinity leaving its cell out. The verb GridSoftMin makes the soft c-transform of a separable cost of these.
    /// </summary>
    /// <param name="values">potential + eps log-weight of each cell, row-major, minus infinity where there is no mass.</param>
    /// <param name="shape">Cells along each axis of <paramref name="values"/>, the last fastest.</param>
    /// <param name="axis">The axis to transform; it has as many cells afterwards as <paramref name="axisCost"/> has rows.</param>
    /// <param name="axisCost">Row-major, one row a cell of the answer's axis, one column a cell of this axis.</param>
    /// <param name="epsilon">eps, positive.</param>
    public static double[] AlongAxis(double[] values, int[] shape, int axis, double[] axisCost, double epsilon)
    {
        int length = shape[axis], count = axisCost.Length / length;
        int inner = shape[(axis + 1)..].Aggregate(1, (p, s) => p * s), outer = values.Length / (length * inner);
        double[] result = new double[outer * count * inner];
        for (int at = 0; at < result.Length; at++)
        {
            int k = at / inner % count, first = (at / (inner * count) * length * inner) + (at % inner);
            double[] line = [.. Enumerable.Range(0, length).Select(l => values[first + (l * inner)])];
            double[] mass = [.. line.Select(v => double.IsNegativeInfinity(v) ? 0.0 : 1)];
            result[at] = Of(axisCost.AsSpan(k * length, length), line, mass, epsilon);
        }

        return result;
    }

    /// <summary>The m x n matrix of an n x m one.</summary>
    public static double[] Transposed(double[] matrix, int rows)
    {
        int columns = matrix.Length / rows;
        return [.. Enumerable.Range(0, matrix.Length).Select(k => matrix[(k % rows * columns) + (k / rows)])];
    }
}

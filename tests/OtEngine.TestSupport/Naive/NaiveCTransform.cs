namespace OtEngine.TestSupport;

/// <summary>Hard c-transforms by their definition.</summary>
public static class NaiveCTransform
{
    /// <summary>f_i = min_j C_ij - g_j over the columns j with mass; plus infinity if there is none.</summary>
    /// <param name="cost">Row-major, m columns.</param>
    /// <param name="g">m potentials.</param>
    /// <param name="b">m weights.</param>
    public static double[] OfColumns(double[] cost, double[] g, double[] b) =>
        [.. cost.Chunk(g.Length).Select(row => Enumerable.Range(0, g.Length).Where(j => b[j] > 0)
            .Select(j => row[j] - g[j]).DefaultIfEmpty(double.PositiveInfinity).Min())];

    /// <summary>g_j = min_i C_ij - f_i over all rows; plus infinity if there is none.</summary>
    /// <param name="cost">Row-major.</param>
    /// <param name="columns">Columns of <paramref name="cost"/>.</param>
    /// <param name="f">A potential for each row.</param>
    public static double[] OfRows(double[] cost, int columns, double[] f) =>
        [.. Enumerable.Range(0, columns).Select(j => Enumerable.Range(0, f.Length)
            .Select(i => cost[(i * columns) + j] - f[i]).DefaultIfEmpty(double.PositiveInfinity).Min())];
}

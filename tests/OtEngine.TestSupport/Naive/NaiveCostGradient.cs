using System.Globalization;

namespace OtEngine.TestSupport;

/// <summary>
/// How ground costs change with their first point, written out in double: at kinks zero where points or coordinates coincide, and of several
/// largest differences the first.
/// </summary>
public static class NaiveCostGradient
{
    /// <summary>The gradient of a cost by its first point.</summary>
    public static Func<double[], double[], double[]> Of(NaiveCost cost) => cost.Name.Split(' ') switch
    {
        ["sqeuclidean"] => (x, y) => OfNorm(x, y, 2, 2),
        ["euclidean"] => (x, y) => OfNorm(x, y, 2, 1),
        ["cityblock"] => (x, y) => OfNorm(x, y, 1, 1),
        ["chebyshev"] => (x, y) => OfNorm(x, y, double.PositiveInfinity, 1),
        ["pnorm", var p, var q] => (x, y) => OfNorm(x, y, double.Parse(p, CultureInfo.InvariantCulture), double.Parse(q, CultureInfo.InvariantCulture)),
        ["cosine"] => OfCosine,
        _ => throw new ArgumentException($"No ground cost is called '{cost.Name}'.", nameof(cost)),
    };

    /// <summary>sum_j P_ij dc(x_i, y_j)/dx_i, n x d, of an n x m plan; entries of zero take no part.</summary>
    public static double[] OfPlan(NaiveCost cost, double[] plan, double[] x, double[] y, int dimension)
    {
        Func<double[], double[], double[]> gradient = Of(cost);
        double[][] rows = [.. x.Chunk(dimension)], columns = [.. y.Chunk(dimension)];
        return [.. rows.SelectMany((row, i) =>
        {
            double[][] terms = [.. columns.Select((column, j) => plan[(i * columns.Length) + j] is var entry && entry == 0 ? new double[dimension] : [.. gradient(row, column).Select(t => entry * t)])];
            return Enumerable.Range(0, dimension).Select(k => NeumaierSum.Of(terms.Select(term => term[k])));
        })];
    }

    /// <summary>d N^q / dx_k = q N^(q - p) |x_k - y_k|^(p - 1) sign(x_k - y_k).</summary>
    private static double[] OfNorm(double[] x, double[] y, double p, double q)
    {
        double[] difference = [.. x.Zip(y, (s, t) => s - t)];
        double norm = double.IsInfinity(p) ? difference.Max(Math.Abs) : Math.Pow(difference.Sum(t => Math.Pow(Math.Abs(t), p)), 1 / p);
        if (norm == 0)
            return new double[difference.Length];
        int first = Array.FindIndex(difference, t => Math.Abs(t) == norm);
        return double.IsInfinity(p)
            ? [.. difference.Select((t, k) => k == first ? q * Math.Pow(norm, q - 1) * Math.Sign(t) : 0)]
            : [.. difference.Select(t => t == 0 ? 0 : q * Math.Pow(norm, q - 1) * Math.Pow(Math.Abs(t) / norm, p - 1) * Math.Sign(t))];
    }

    /// <summary>((x.y) x / |x|^2 - y) / (|x| |y|).</summary>
    private static double[] OfCosine(double[] x, double[] y)
    {
        double xy = x.Zip(y, (s, t) => s * t).Sum(), xx = x.Sum(t => t * t), yy = y.Sum(t => t * t);
        return [.. x.Zip(y, (s, t) => ((xy * s / xx) - t) / Math.Sqrt(xx * yy))];
    }
}

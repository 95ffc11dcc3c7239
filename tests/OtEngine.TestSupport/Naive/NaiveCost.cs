namespace OtEngine.TestSupport;

/// <summary>Ground costs written out as their definitions, in double precision.</summary>
public sealed record NaiveCost(string Name, Func<double[], double[], double> Value)
{
    /// <summary>sum_k (x_k - y_k)^2.</summary>
    public static readonly NaiveCost SquaredEuclidean = new("sqeuclidean", (x, y) => x.Zip(y, (s, t) => (s - t) * (s - t)).Sum());

    /// <summary>The square root of sum_k (x_k - y_k)^2.</summary>
    public static readonly NaiveCost Euclidean = new("euclidean", (x, y) => Math.Sqrt(SquaredEuclidean.Value(x, y)));

    /// <summary>sum_k |x_k - y_k|.</summary>
    public static readonly NaiveCost Manhattan = new("cityblock", (x, y) => x.Zip(y, (s, t) => Math.Abs(s - t)).Sum());

    /// <summary>max_k |x_k - y_k|.</summary>
    public static readonly NaiveCost Chebyshev = new("chebyshev", (x, y) => x.Zip(y, (s, t) => Math.Abs(s - t)).Max());

    /// <summary>1 - x.y / (|x| |y|).</summary>
    public static readonly NaiveCost Cosine = new("cosine", (x, y) => 1 - (Dot(x, y) / Math.Sqrt(Dot(x, x) * Dot(y, y))));

    /// <summary>(sum_k |x_k - y_k|^p)^(q/p), with infinite p the largest |x_k - y_k| to the q.</summary>
    public static NaiveCost PNorm(double p, double q) => double.IsInfinity(p)
        ? new(FormattableString.Invariant($"pnorm {p} {q}"), (x, y) => Math.Pow(Chebyshev.Value(x, y), q))
        : new(FormattableString.Invariant($"pnorm {p} {q}"), (x, y) => Math.Pow(x.Zip(y, (s, t) => Math.Pow(Math.Abs(s - t), p)).Sum(), q / p));

    /// <summary>The cost of that name in the oracle files; <paramref name="p"/> and <paramref name="q"/> belong to "pnorm".</summary>
    public static NaiveCost Named(string name, double p, double q) => name switch
    {
        "sqeuclidean" => SquaredEuclidean,
        "euclidean" => Euclidean,
        "cityblock" => Manhattan,
        "chebyshev" => Chebyshev,
        "cosine" => Cosine,
        "pnorm" => PNorm(p, q),
        _ => throw new ArgumentException($"No ground cost is called '{name}'.", nameof(name)),
    };

    /// <summary>The row-major matrix of costs between two row-major clouds of points with <paramref name="dimension"/> coordinates.</summary>
    public double[] Between(double[] x, double[] y, int dimension)
    {
        double[][] rows = [.. x.Chunk(dimension)], columns = [.. y.Chunk(dimension)];
        return [.. rows.SelectMany(r => columns.Select(c => Value(r, c)))];
    }

    private static double Dot(double[] x, double[] y) => x.Zip(y, (s, t) => s * t).Sum();
}

namespace OtEngine;

/// <summary>
/// A ground cost c(x, y) between two points: what it costs to move one unit of mass from x to y. Computed in double
/// from the coordinates as given, by direct differences (no expanded squares).
/// </summary>
public readonly record struct Cost
{
    private readonly double _norm;
    private readonly double _exponent;

    private Cost(CostKind kind, double norm, double exponent)
    {
        Kind = kind;
        _norm = norm;
        _exponent = exponent;
    }

    /// <summary>c(x, y) = sum_k (x_k - y_k)^2. The default, also of the type: <c>default(Cost)</c> is this cost.</summary>
    public static Cost SquaredEuclidean => default;

    /// <summary>c(x, y) = sqrt(sum_k (x_k - y_k)^2).</summary>
    public static Cost Euclidean { get; } = new(CostKind.Euclidean, 2, 1);

    /// <summary>c(x, y) = sum_k |x_k - y_k|.</summary>
    public static Cost Manhattan { get; } = new(CostKind.Manhattan, 1, 1);

    /// <summary>c(x, y) = max_k |x_k - y_k|.</summary>
    public static Cost Chebyshev { get; } = new(CostKind.Chebyshev, double.PositiveInfinity, 1);

    /// <summary>c(x, y) = 1 - x.y / (|x| |y|), in [0, 2]. Points must not be zero. Not a power of a metric.</summary>
    public static Cost Cosine { get; } = new(CostKind.Cosine, 2, 0);

    /// <summary>The family.</summary>
    public CostKind Kind { get; }

    /// <summary>p of |x - y|_p; infinite for Chebyshev.</summary>
    public double Norm => Kind == CostKind.SquaredEuclidean ? 2 : _norm;

    /// <summary>q of |x - y|_p^q; 0 where the cost is no power of a norm.</summary>
    public double Exponent => Kind == CostKind.SquaredEuclidean ? 2 : _exponent;

    /// <summary>
    /// q where this cost is d^q for a metric d and q >= 1, so that cost^(1/q) is the Wasserstein distance of order q;
    /// null otherwise (cosine, or an exponent below 1).
    /// </summary>
    public double? MetricPower => Kind == CostKind.Cosine || Exponent < 1 ? null : Exponent;

    /// <summary>c(x, y) = (sum_k |x_k - y_k|^p)^(q/p).</summary>
    /// <param name="p">Order of the norm, at least 1; positive infinity gives the largest coordinate difference.</param>
    /// <param name="q">Exponent of the norm, positive and finite; 1 gives the metric itself.</param>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: p below 1, q not positive, or NaN.</exception>
    public static Cost PNorm(double p, double q = 1)
    {
        if (!(p >= 1))
            Throw.OutOfRange("The order p of a p-norm cost", p, "at least 1");
        if (!(q > 0) || double.IsInfinity(q))
            Throw.OutOfRange("The exponent q of a p-norm cost", q, "positive and finite");
        return (p, q) switch
        {
            (2, 2) => SquaredEuclidean,
            (2, 1) => Euclidean,
            (1, 1) => Manhattan,
            (double.PositiveInfinity, 1) => Chebyshev,
            _ => new Cost(CostKind.PNorm, p, q),
        };
    }
}

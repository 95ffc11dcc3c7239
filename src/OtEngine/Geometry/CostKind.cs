namespace OtEngine;

/// <summary>The families of ground costs between points; see <see cref="Cost"/>.</summary>
public enum CostKind
{
    /// <summary>|x - y|_2^2</summary>
    SquaredEuclidean,

    /// <summary>|x - y|_2</summary>
    Euclidean,

    /// <summary>|x - y|_1</summary>
    Manhattan,

    /// <summary>|x - y|_inf</summary>
    Chebyshev,

    /// <summary>|x - y|_p^q</summary>
    PNorm,

    /// <summary>1 - x.y / (|x|_2 |y|_2)</summary>
    Cosine,
}

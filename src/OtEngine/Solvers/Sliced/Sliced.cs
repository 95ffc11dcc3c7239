namespace OtEngine;

/// <summary>
/// How to compute a sliced Wasserstein distance: W_p of two clouds projected on lines through the origin, in the mean over many directions,
/// (1/L sum_l W_p^p(t_l . x, t_l . y))^(1/p), or the largest of them. An immutable record of options that <see cref="Engine"/> runs.
/// </summary>
/// <remarks>
/// Each line is solved exactly by sorting: O(L (n + m)(d + bits)) in all. Weights are scaled to mass one on each side. Directions that are drawn
/// are of standard normal coordinates scaled to length one, the same for the same seed and dimension. Source: N. Bonneel, J. Rabin,
/// G. Peyre, H. Pfister, Journal of Mathematical Imaging and Vision 51 (2015); I. Deshpande et al., CVPR (2019) for the largest.
/// </remarks>
public sealed record Sliced
{
    /// <summary>p, the power of the distance along a line; at least 1 and finite. Default 2.</summary>
    public double Order { get; init; } = 2;

    /// <summary>L, how many directions are drawn; at least 1. Not read where <see cref="Directions"/> are given. Default 50.</summary>
    public int Projections { get; init; } = 50;

    /// <summary>Decides which directions are drawn. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>L x d directions, row-major, each of length one to a relative 1e-5; empty, the default, draws them.</summary>
    public ReadOnlyMemory<double> Directions { get; init; }

    /// <summary>True takes the largest cost of all directions instead of their mean. Default false.</summary>
    public bool Max { get; init; }

    /// <summary>Whether the gradient by the points of both sides is wanted: L (n + m) more multiply-adds a coordinate. Default false.</summary>
    public bool Gradient { get; init; }

    /// <summary>Whether the matching along each direction is wanted: L (n + m) indices of memory. Default false.</summary>
    public bool Matching { get; init; }

    /// <summary>Throws where an option is out of its range.</summary>
    internal void Require()
    {
        if (!(Order >= 1) || double.IsInfinity(Order))
            Throw.OutOfRange("The order p", Order, "at least 1 and finite");
        if (Directions.IsEmpty && Projections < 1)
            Throw.OutOfRange("The number of projections", Projections, "at least 1");
    }
}

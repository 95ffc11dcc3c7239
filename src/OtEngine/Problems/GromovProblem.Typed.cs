using System.Numerics;

namespace OtEngine;

/// <summary>
/// A Gromov-Wasserstein problem: two measures in spaces of their own, each with inner costs between its atoms, C1 (n x n) and C2 (m x m), and no
/// costs between the two. min sum_ijkl L(C1_ik, C2_jl) P_ij P_kl over P >= 0 with row sums a and column sums b; fused with feature costs M
/// (n x m) min (1 - alpha) sum_ij M_ij P_ij + alpha times that. Immutable. Weights follow the rules of <see cref="TransportProblem{T}"/>: equal totals,
/// zeros allowed. Inner costs may be negative or asymmetric; the problem is not convex in general.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class GromovProblem<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    internal GromovProblem(Geometry<T> innerA, Geometry<T> innerB, T[]? a, T[]? b, Geometry<T>? features, double alpha)
    {
        RequireSquare("C1, the inner costs of side a,", innerA);
        RequireSquare("C2, the inner costs of side b,", innerB);
        if (!(alpha >= 0 && alpha <= 1))
            Throw.OutOfRange("Alpha, the share of the inner costs,", alpha, "0 to 1");
        if (features is not null && features.Rows != innerA.Rows)
            Throw.ShapeMismatch("A column of the feature costs", features.Rows, innerA.Rows, "one a row of C1");
        if (features is not null && features.Columns != innerB.Rows)
            Throw.ShapeMismatch("A row of the feature costs", features.Columns, innerB.Rows, "one a row of C2");
        InnerA = innerA;
        InnerB = innerB;
        Features = features;
        Alpha = alpha;
        A = a;
        B = b;
        TotalA = a is null ? 1 : Validate.Weights<T>("a", a, innerA.Rows, "one weight a row of C1");
        TotalB = b is null ? 1 : Validate.Weights<T>("b", b, innerB.Rows, "one weight a row of C2");
        Validate.EqualTotals<T>(TotalA, TotalB);
    }

    /// <summary>C1, n x n.</summary>
    public Geometry<T> InnerA { get; }

    /// <summary>C2, m x m.</summary>
    public Geometry<T> InnerB { get; }

    /// <summary>M, n x m; null where the problem is not fused.</summary>
    public Geometry<T>? Features { get; }

    /// <summary>The share of the inner costs, 0 to 1; 1 where the problem is not fused.</summary>
    public double Alpha { get; }

    /// <summary>Weights of side a; empty means uniform, 1/n each.</summary>
    public ReadOnlyMemory<T> WeightsA => A;

    /// <summary>Weights of side b; empty means uniform, 1/m each.</summary>
    public ReadOnlyMemory<T> WeightsB => B;

    /// <summary>Total mass of side a, summed in double; the mass of the problem.</summary>
    public double TotalA { get; }

    /// <summary>Total mass of side b as given, before it is rescaled to a's total.</summary>
    public double TotalB { get; }

    internal T[]? A { get; }

    internal T[]? B { get; }

    /// <summary>The same problem with other weights, which are copied. An empty span means uniform weights of total one.</summary>
    /// <param name="a">n weights, at least zero, not all zero.</param>
    /// <param name="b">m weights, at least zero, not all zero, of the same total.</param>
    /// <exception cref="ProblemException">Wrong length, negative, not finite, all zero, or unequal totals.</exception>
    public GromovProblem<T> WithWeights(ReadOnlySpan<T> a, ReadOnlySpan<T> b) =>
        new(InnerA, InnerB, a.IsEmpty ? null : a.ToArray(), b.IsEmpty ? null : b.ToArray(), Features, Alpha);

    /// <summary>The same problem fused with costs between the two sides.</summary>
    /// <param name="features">M, n x m.</param>
    /// <param name="alpha">The share of the inner costs, 0 (transport of the features alone) to 1.</param>
    /// <exception cref="ProblemException">Wrong shape, or alpha out of range.</exception>
    public GromovProblem<T> Fused(Geometry<T> features, double alpha = 0.5)
    {
        ArgumentNullException.ThrowIfNull(features);
        return new GromovProblem<T>(InnerA, InnerB, A, B, features, alpha);
    }

    private static void RequireSquare(string what, Geometry<T> geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        if (geometry is SparseGeometry<T>)
            Throw.Unsupported($"{what} are sparse; Gromov-Wasserstein needs a cost for every pair of atoms. Use a dense geometry.");
        if (geometry.Rows != geometry.Columns)
            Throw.ShapeMismatch($"A row of {what}", geometry.Columns, geometry.Rows, "as many as there are rows: inner costs are between the atoms of one side");
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>
/// A ground cost as an operator: fold coordinate pairs into states that start at zero, join the states, finish the last one. And its derivative.
/// </summary>
internal interface IGroundCost
{
    Vector512<double> Fold(Vector512<double> state, Vector512<double> x, Vector512<double> y);

    Vector512<double> Join(Vector512<double> first, Vector512<double> second);

    Vector512<double> Finish(Vector512<double> state);

    /// <summary>Whether only the largest of the differences counts, the first of several.</summary>
    bool IsOfLargestDifference { get; }

    /// <summary>With <see cref="Slope"/> the derivative: dc/dx_k = Factor(c) Slope(x_k - y_k). Zero for a cost that is zero where the derivative is not defined there.</summary>
    Vector512<double> Factor(Vector512<double> cost);

    /// <summary>Zero for a difference of zero.</summary>
    Vector512<double> Slope(Vector512<double> difference);
}

/// <summary>Work that is compiled once for each ground cost; see <see cref="GroundCosts"/>.</summary>
internal interface IGroundCostUser
{
    void Use<TCost>(TCost cost)
        where TCost : struct, IGroundCost;
}

/// <summary>From a ground cost as data to the operator that computes it.</summary>
internal static class GroundCosts
{
    public static void Use<TUser>(Cost cost, ref TUser user)
        where TUser : struct, IGroundCostUser, allows ref struct
    {
        switch (cost.Kind)
        {
            case CostKind.SquaredEuclidean:
                user.Use(default(SquaredEuclideanCost));
                break;
            case CostKind.Euclidean:
                user.Use(default(EuclideanCost));
                break;
            case CostKind.Manhattan:
                user.Use(default(ManhattanCost));
                break;
            case CostKind.Chebyshev:
                user.Use(default(ChebyshevCost));
                break;
            case CostKind.Cosine:
                user.Use(default(CosineCost));
                break;
            default:
                user.Use(new PNormCost(cost.Norm, cost.Exponent));
                break;
        }
    }
}

internal readonly struct SquaredEuclideanCost : IGroundCost
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Fold(Vector512<double> state, Vector512<double> x, Vector512<double> y)
    {
        Vector512<double> difference = x - y;
        return Vector512.FusedMultiplyAdd(difference, difference, state);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Join(Vector512<double> first, Vector512<double> second) => first + second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Finish(Vector512<double> state) => state;

    public bool IsOfLargestDifference => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Factor(Vector512<double> cost) => Vector512.Create(2.0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Slope(Vector512<double> difference) => difference;
}

internal readonly struct EuclideanCost : IGroundCost
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Fold(Vector512<double> state, Vector512<double> x, Vector512<double> y) =>
        default(SquaredEuclideanCost).Fold(state, x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Join(Vector512<double> first, Vector512<double> second) => first + second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Finish(Vector512<double> state) => Vector512.Sqrt(state);

    public bool IsOfLargestDifference => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Factor(Vector512<double> cost) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(cost, Vector512<double>.Zero), Vector512<double>.One / cost, Vector512<double>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Slope(Vector512<double> difference) => difference;
}

internal readonly struct ManhattanCost : IGroundCost
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Fold(Vector512<double> state, Vector512<double> x, Vector512<double> y) => state + Vector512.Abs(x - y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Join(Vector512<double> first, Vector512<double> second) => first + second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Finish(Vector512<double> state) => state;

    public bool IsOfLargestDifference => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Factor(Vector512<double> cost) => Vector512<double>.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Slope(Vector512<double> difference) =>
        Vector512.ConditionalSelect(Vector512.Equals(difference, Vector512<double>.Zero), Vector512<double>.Zero, Vector512.CopySign(Vector512<double>.One, difference));
}

internal readonly struct ChebyshevCost : IGroundCost
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Fold(Vector512<double> state, Vector512<double> x, Vector512<double> y) =>
        Vector512.Max(state, Vector512.Abs(x - y));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Join(Vector512<double> first, Vector512<double> second) => Vector512.Max(first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Finish(Vector512<double> state) => state;

    public bool IsOfLargestDifference => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Factor(Vector512<double> cost) => Vector512<double>.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Slope(Vector512<double> difference) => default(ManhattanCost).Slope(difference);
}

/// <summary>
/// 1 - x.y as |x - y|^2 / 2, of points scaled to unit length beforehand: all digits of small angles, which 1 - x.y loses, and
/// never below zero. A length that misses one by a rounding enters by that rounding only.
/// </summary>
internal readonly struct CosineCost : IGroundCost
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Fold(Vector512<double> state, Vector512<double> x, Vector512<double> y) =>
        default(SquaredEuclideanCost).Fold(state, x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Join(Vector512<double> first, Vector512<double> second) => first + second;

    // Rounding may leave opposite points a little above two; the cost is not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Finish(Vector512<double> state) => Vector512.Min(state * 0.5, Vector512.Create(2.0));

    // Of the points scaled to length one; what their scaling adds is the same for all coordinates, and the caller's.
    public bool IsOfLargestDifference => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Factor(Vector512<double> cost) => Vector512<double>.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Slope(Vector512<double> difference) => difference;
}

/// <summary>(sum_k |x_k - y_k|^p)^(q/p); the sum is the maximum for infinite p. Powers go lane by lane through Math.Pow.</summary>
internal readonly struct PNormCost(double p, double q) : IGroundCost
{
    public Vector512<double> Fold(Vector512<double> state, Vector512<double> x, Vector512<double> y)
    {
        Vector512<double> difference = Vector512.Abs(x - y);
        if (p == 2)
            return Vector512.FusedMultiplyAdd(difference, difference, state);
        if (p == 1)
            return state + difference;
        return double.IsInfinity(p) ? Vector512.Max(state, difference) : state + Power(difference, p);
    }

    public Vector512<double> Join(Vector512<double> first, Vector512<double> second) =>
        double.IsPositiveInfinity(p) ? Vector512.Max(first, second) : first + second;

    public Vector512<double> Finish(Vector512<double> state) => double.IsInfinity(p) ? Power(state, q) : Power(state, q / p);

    public bool IsOfLargestDifference => double.IsInfinity(p);

    // q N^(q - p) of the norm N, by c = N^q; with the largest difference alone q N^(q - 1).
    public Vector512<double> Factor(Vector512<double> cost)
    {
        Vector512<double> factor = q * Power(cost, 1 - ((double.IsInfinity(p) ? 1 : p) / q));
        return Vector512.ConditionalSelect(Vector512.GreaterThan(cost, Vector512<double>.Zero), factor, Vector512<double>.Zero);
    }

    public Vector512<double> Slope(Vector512<double> difference)
    {
        Vector512<double> sign = default(ManhattanCost).Slope(difference);
        return p == 1 || double.IsInfinity(p) ? sign : sign * Power(Vector512.Abs(difference), p - 1);
    }

    private static Vector512<double> Power(Vector512<double> value, double exponent)
    {
        if (exponent == 1)
            return value;
        Span<double> lanes = stackalloc double[Vector512<double>.Count];
        value.CopyTo(lanes);
        for (int k = 0; k < lanes.Length; k++)
            lanes[k] = Math.Pow(lanes[k], exponent);
        return Vector512.Create<double>(lanes);
    }
}

using System.Numerics;

namespace OtEngine;

/// <summary>
/// Balanced transport on the line at the cost |x - y|^p, or on a circle at the p-th power of the arc length:
/// min sum_ij d(x_i, y_j)^p P_ij over P >= 0 with row sums a and column sums b. Immutable. Weights follow the rules of
/// <see cref="TransportProblem{T}"/>: equal totals, zeros allowed.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class LineProblem<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    internal LineProblem(T[] x, T[] y, double order, double? circumference, T[]? a, T[]? b)
    {
        ElementType.Require<T>();
        if (x.Length == 0 || y.Length == 0)
            Throw.Empty(x.Length == 0 ? "x" : "y");
        if (!(order >= 1) || double.IsInfinity(order))
            Throw.OutOfRange("The order p", order, "at least 1 and finite");
        if (circumference is { } length && !(length > 0 && double.IsFinite(length)))
            Throw.OutOfRange("The circumference", length, "positive and finite");
        Validate.Finite<T>("x", x);
        Validate.Finite<T>("y", y);
        X = x;
        Y = y;
        Order = order;
        Circumference = circumference;
        A = a;
        B = b;
        TotalA = a is null ? 1 : Validate.Weights<T>("a", a, x.Length, "one weight a point of x");
        TotalB = b is null ? 1 : Validate.Weights<T>("b", b, y.Length, "one weight a point of y");
        Validate.EqualTotals<T>(TotalA, TotalB);
    }

    /// <summary>Positions of side a.</summary>
    public ReadOnlyMemory<T> PositionsX => X;

    /// <summary>Positions of side b.</summary>
    public ReadOnlyMemory<T> PositionsY => Y;

    /// <summary>Weights of side a; empty means uniform, 1/n each.</summary>
    public ReadOnlyMemory<T> WeightsA => A;

    /// <summary>Weights of side b; empty means uniform, 1/m each.</summary>
    public ReadOnlyMemory<T> WeightsB => B;

    /// <summary>p, the power of the distance.</summary>
    public double Order { get; }

    /// <summary>Length of the circle, or null on the line.</summary>
    public double? Circumference { get; }

    /// <summary>Total mass of side a, summed in double; the mass of the problem.</summary>
    public double TotalA { get; }

    /// <summary>Total mass of side b as given, before it is rescaled to a's total.</summary>
    public double TotalB { get; }

    internal T[] X { get; }

    internal T[] Y { get; }

    internal T[]? A { get; }

    internal T[]? B { get; }

    /// <summary>The same problem with other weights, which are copied. An empty span means uniform weights of total one.</summary>
    /// <param name="a">n weights, at least zero, not all zero.</param>
    /// <param name="b">m weights, at least zero, not all zero, of the same total.</param>
    /// <exception cref="ProblemException">Wrong length, negative, not finite, all zero, or unequal totals.</exception>
    public LineProblem<T> WithWeights(ReadOnlySpan<T> a, ReadOnlySpan<T> b) =>
        new(X, Y, Order, Circumference, a.IsEmpty ? null : a.ToArray(), b.IsEmpty ? null : b.ToArray());

    /// <summary>
    /// The same problem on a circle: positions are taken modulo the circumference, and the distance is the length of the
    /// shorter arc.
    /// </summary>
    /// <param name="circumference">Length of the circle, positive and finite.</param>
    /// <exception cref="ProblemException">The circumference is out of range.</exception>
    public LineProblem<T> OnCircle(double circumference = 1) => new(X, Y, Order, circumference, A, B);
}

using System.Numerics;

namespace OtEngine;

/// <summary>
/// A balanced transport problem: min sum_ij C_ij P_ij over P >= 0 with row sums a and column sums b. Immutable.
/// Weights need not sum to one, but both sides must have the same total (relative 1e-6 for float, 1e-9 for double);
/// within that, b is rescaled to a's total in double and errors refer to the rescaled b. Zero weights are allowed.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class TransportProblem<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    internal TransportProblem(Geometry<T> geometry, T[]? a, T[]? b)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        Geometry = geometry;
        A = a;
        B = b;
        TotalA = a is null ? 1 : Validate.Weights<T>("a", a, geometry.Rows, "one weight a row of the geometry");
        TotalB = b is null ? 1 : Validate.Weights<T>("b", b, geometry.Columns, "one weight a column of the geometry");
        Validate.EqualTotals<T>(TotalA, TotalB);
    }

    /// <summary>What moving mass costs.</summary>
    public Geometry<T> Geometry { get; }

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
    public TransportProblem<T> WithWeights(ReadOnlySpan<T> a, ReadOnlySpan<T> b) =>
        new(Geometry, a.IsEmpty ? null : a.ToArray(), b.IsEmpty ? null : b.ToArray());
}

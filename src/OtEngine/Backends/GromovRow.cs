using System.Numerics;
using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>
/// One problem of the verbs <see cref="Backend.GromovPlan"/> and <see cref="Backend.GromovGradient"/>: a row of the table and where its
/// matrices lie. Blittable: <c>ot::gromov_row</c> of kernels/gromov_gradient.cu.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct GromovRow
{
    /// <summary>The row of the table: shape, weights, potentials, and the costs that the gradient becomes.</summary>
    public required int Problem { get; init; }

    /// <summary>Nonzero where there are feature costs.</summary>
    public int HasFeatures { get; init; }

    /// <summary>Offset of the n x m plan, of the products and of the gradient, each in a buffer of its own.</summary>
    public required long Matrix { get; init; }

    /// <summary>Offset of the n x m feature costs.</summary>
    public long Features { get; init; }

    /// <summary>The factor of the quadratic part.</summary>
    public required double Factor { get; init; }

    /// <summary>The factor of the feature costs.</summary>
    public double FeatureFactor { get; init; }

    /// <summary>Throws unless the matrices of all rows lie within buffers of these lengths.</summary>
    public static void RequireWithin<T>(ProblemTable<T> table, ReadOnlySpan<GromovRow> rows, long matrices, long features)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (GromovRow row in rows)
        {
            long count = (long)table.Rows[row.Problem].Rows * table.Rows[row.Problem].Columns;
            Require(row.Matrix, count, matrices);
            if (row.HasFeatures != 0)
                Require(row.Features, count, features);
        }

        static void Require(long offset, long count, long length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, length - count);
        }
    }
}

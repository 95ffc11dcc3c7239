using System.Numerics;
using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>
/// Two clouds of the verb SlicedCost and their directions; or one cloud, B being empty, that is sorted along each of them. Blittable:
/// <c>ot::sliced_row</c> of kernels/common/sliced.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SlicedRow
{
    public required SlicedSide A { get; init; }

    public required SlicedSide B { get; init; }

    /// <summary>Coordinates of a point and of a direction.</summary>
    public required int Dimension { get; init; }

    /// <summary>Directions of this row.</summary>
    public required int Directions { get; init; }

    /// <summary>Offset of the first direction in its buffer.</summary>
    public required long FirstDirection { get; init; }

    /// <summary>Where the cost along the first direction goes.</summary>
    public required long Costs { get; init; }

    /// <summary>The mass of one unit; those of either side are 1 together.</summary>
    public required double Unit { get; init; }

    /// <summary>Whether all atoms of both sides weigh the same, so that they are matched rank by rank.</summary>
    public bool IsOneToOne => A.Masses < 0 && B.Masses < 0 && A.Count == B.Count;

    /// <summary>Throws unless all that the row names lies within the buffers.</summary>
    public void RequireWithin<T>(SlicedBuffers<T> buffers)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AtLeast(1, Dimension);
        AtLeast(0, Directions);
        Within(FirstDirection, (long)Directions * Dimension, buffers.Directions.Length);
        if (B.Count > 0)
            Within(Costs, Directions, buffers.Costs.Length);
        Require(A, buffers);
        if (B.Count != 0)
            Require(B, buffers);
    }

    private void Require<T>(in SlicedSide side, SlicedBuffers<T> buffers)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AtLeast(1, side.Count);
        long all = (long)side.Count * Directions;
        if (side.IsSorted == 0)
            Within(side.Points, (long)side.Count * Dimension, buffers.Points.Length);
        if (side.Masses >= 0)
            Within(side.Masses, side.Count, buffers.Masses.Length);
        if (side.IsSorted != 0 || B.Count == 0)
        {
            Within(side.Sorted, all, buffers.Sorted?.Length ?? 0);
            Within(side.Sorted, all, buffers.SortedOrders?.Length ?? 0);
        }

        if (side.Orders >= 0)
            Within(side.Orders, all, buffers.Orders?.Length ?? 0);
        if (side.Slopes >= 0)
            Within(side.Slopes, all, buffers.Slopes?.Length ?? 0);
    }

    private static void AtLeast(int least, int value) => ArgumentOutOfRangeException.ThrowIfLessThan(value, least);

    private static void Within(long offset, long count, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, length - count);
    }
}

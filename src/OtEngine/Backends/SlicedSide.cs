using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>
/// One cloud of a <see cref="SlicedRow"/>, by offsets into the buffers of <see cref="SlicedBuffers{T}"/>; what has a value for each direction
/// has those of direction l from l Count on. Blittable: <c>ot::sliced_side</c> of kernels/common/sliced.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SlicedSide
{
    /// <summary>An offset of what is not there.</summary>
    public const long None = -1;

    public SlicedSide()
    {
    }

    /// <summary>Atoms.</summary>
    public required int Count { get; init; }

    /// <summary>Nonzero where the sorted positions are given: the verb reads Sorted and SortedOrders, and no points.</summary>
    public int IsSorted { get; init; }

    /// <summary>Coordinate k of point i at Points + k Count + i.</summary>
    public long Points { get; init; }

    /// <summary>The masses of the atoms in units; <see cref="None"/> where each weighs <see cref="Mass"/>.</summary>
    public long Masses { get; init; } = None;

    /// <summary>Units of each atom where all weigh the same.</summary>
    public long Mass { get; init; }

    /// <summary>The positions in ascending order; read where they are given, written by a row of one side, else not there.</summary>
    public long Sorted { get; init; } = None;

    /// <summary>Receives the indices of the atoms in ascending order of position, equal positions by index; <see cref="None"/> where not wanted.</summary>
    public long Orders { get; init; } = None;

    /// <summary>Receives by atom how the cost changes with its position; <see cref="None"/> where not wanted.</summary>
    public long Slopes { get; init; } = None;
}

using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Costs that lie in the memory of a backend, row-major, and that verbs write: the cost matrix of a solver whose problem changes from step to
/// step. Tables take the place, not the values; only the backend that owns the memory can read it.
/// </summary>
internal sealed class BufferGeometry<T> : Geometry<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public BufferGeometry(BackendBuffer<T> costs, long offset, int rows, int columns)
        : base(rows, columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, costs.Length - ((long)rows * columns));
        Costs = costs;
        Offset = offset;
    }

    public override double? MetricPower => null;

    /// <summary>What the matrix lies in; it must outlive every table on this geometry.</summary>
    public BackendBuffer<T> Costs { get; }

    /// <summary>Where it begins.</summary>
    public long Offset { get; }
}

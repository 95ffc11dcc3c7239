using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>The verb SoftMin at eps = 0 on a grid: min_j (C_ij + shift_j), along one axis after the other.</summary>
internal static unsafe class GridCTransform
{
    /// <param name="geometry">The costs.</param>
    /// <param name="toA">Whether minima are over side b, and given at side a.</param>
    /// <param name="shift">One value a cell of the side minima are over, positive infinity for cells that are left out.</param>
    /// <param name="minima">Receives one value a cell of the other side.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public static void Run<T>(GridGeometry<T> geometry, bool toA, ReadOnlySpan<double> shift, Span<double> minima, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using GridTransform transform = new();
        int lanes = TableLoop.IsLarge(geometry) ? execution.Threads : 1;
        transform.Take(geometry.AxisCosts, geometry.ShapeA, geometry.ShapeB, lanes);
        using HostBuffer<double> values = new(shift.Length);
        using HostBuffer<double> results = new(minima.Length);
        for (int k = 0; k < shift.Length; k++)
            values.Start[k] = -shift[k];
        transform.Hard(toA, values.Start, results.Start, execution.Cancellation);
        for (int k = 0; k < minima.Length; k++)
            minima[k] = -results.Start[k];
    }
}

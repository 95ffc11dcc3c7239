using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::cost_matrix_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CostMatrixArguments
{
    public DeviceTable Problems;
    public ulong Costs;
    public ulong Offsets;
}

/// <summary>The launcher of kernels/cost_matrix.cu's costs: all problems of a table in one launch.</summary>
internal static class CostMatrix
{
    private static readonly KernelEntry<CostMatrixArguments> Entry = new("cost_matrix", "ot_cost_matrix", Tuning.CostThreads);

    public static void Run<T>(CudaRuntime runtime, CudaTable<T> table, ReadOnlySpan<long> offsets, CudaBuffer<T> costs, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        ReadOnlySpan<ProblemRow> rows = table.Table.Rows.AsSpan();
        for (int row = 0; row < rows.Length; row++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offsets[row], nameof(offsets));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offsets[row], costs.Length - ((long)rows[row].Rows * rows[row].Columns), nameof(offsets));
        }

        using CudaBuffer<long> places = runtime.Allocate<long>(offsets.Length);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        stream.Upload(offsets, places);
        using Tiles tiles = table.TilesOf(stream, row => row.Rows * Tiles.Of(row.Columns, Tuning.CostThreads));
        CostMatrixArguments arguments = new() { Problems = tiles.Table, Costs = costs.Address, Offsets = places.Address };
        Entry.Launch<T>(runtime, stream, tiles.Total, arguments);
        stream.Synchronize();
    }
}

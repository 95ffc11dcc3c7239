using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::sliced_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SlicedArguments
{
    public ulong Rows;
    public ulong Tiles;
    public ulong Points;
    public ulong Directions;
    public ulong Masses;
    public ulong Sorted;
    public ulong SortedOrders;
    public ulong Orders;
    public ulong Costs;
    public ulong Slopes;
    public double Order;
    public long Count;
}

/// <summary>
/// The launcher of kernels/sliced_cost.cu: rows of small clouds in one launch, a warp a direction; those that shared memory holds in another, a block
/// a direction; the others one by one in <see cref="SlicedPasses"/>. Which way a row goes depends on its own counts and on the device.
/// </summary>
internal static class SlicedCost
{
    private const string Family = "sliced_cost";

    /// <summary>Atoms of a side, at most, that a warp sorts: <c>ot::sliced_warp_atoms</c>.</summary>
    private const int WarpAtoms = 128;

    /// <summary>Atoms of a side, at most, that a block sorts: their indices have sixteen bits.</summary>
    private const int BlockAtoms = 1 << 16;

    /// <summary>Shared memory of a block besides its keys: counters, sums, and room for what the driver takes.</summary>
    private const int OtherSharedBytes = 24 << 10;

    private static readonly KernelEntry<SlicedArguments> Warp = new(Family, "ot_sliced_warp", Tuning.SlicedThreads);
    private static readonly KernelEntry<SlicedArguments> Block = new(Family, "ot_sliced_block", Tuning.SlicedThreads);

    public static void Run<T>(CudaRuntime runtime, ReadOnlySpan<SlicedRow> rows, double order, SlicedBuffers<T> buffers, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        List<SlicedRow> small = [];
        List<SlicedRow> medium = [];
        List<SlicedRow> large = [];
        long shared = 0;
        foreach (SlicedRow row in rows)
        {
            row.RequireWithin(buffers);
            int most = Math.Max(row.A.Count, row.B.Count);
            long bytes = SharedBytes<T>(row);
            bool fits = most < BlockAtoms && bytes <= runtime.Limits.SharedBytesOptIn - OtherSharedBytes;
            (most <= WarpAtoms ? small : fits ? medium : large).Add(row);
            if (most > WarpAtoms && fits)
                shared = Math.Max(shared, bytes);
        }

        Launch(runtime, Warp, small, Tuning.SlicedThreads / 32, 0, order, buffers);
        execution.Cancellation.ThrowIfCancellationRequested();
        Launch(runtime, Block, medium, 1, (int)shared, order, buffers);
        foreach (SlicedRow row in large)
            SlicedPasses.Run(runtime, row, order, buffers, execution);
    }

    /// <summary>What a block keeps of a row: keys and indices of both sides, and the larger side once more.</summary>
    private static unsafe long SharedBytes<T>(in SlicedRow row)
        where T : unmanaged => ((long)row.A.Count + row.B.Count + Math.Max(row.A.Count, row.B.Count)) * (sizeof(T) + sizeof(ushort));

    private static void Launch<T>(
        CudaRuntime runtime, KernelEntry<SlicedArguments> entry, List<SlicedRow> rows, int directionsOfBlock, int sharedBytes, double order, SlicedBuffers<T> buffers)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (rows.Count == 0)
            return;
        long[] totals = new long[rows.Count + 1];
        for (int k = 0; k < rows.Count; k++)
            totals[k + 1] = totals[k] + Tiles.Of(rows[k].Directions, directionsOfBlock);
        using CudaBuffer<SlicedRow> ofRows = runtime.Allocate<SlicedRow>(rows.Count);
        using CudaBuffer<long> tiles = runtime.Allocate<long>(totals.Length);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        stream.Upload<SlicedRow>(CollectionsMarshal.AsSpan(rows), ofRows);
        stream.Upload<long>(totals, tiles);
        SlicedArguments arguments = new()
        {
            Rows = ofRows.Address,
            Tiles = tiles.Address,
            Points = Address(buffers.Points),
            Directions = Address(buffers.Directions),
            Masses = Address(buffers.Masses),
            Sorted = Address(buffers.Sorted),
            SortedOrders = Address(buffers.SortedOrders),
            Orders = Address(buffers.Orders),
            Costs = Address(buffers.Costs),
            Slopes = Address(buffers.Slopes),
            Order = order,
            Count = rows.Count,
        };
        entry.Launch<T>(runtime, stream, totals[^1], arguments, sharedBytes);
        stream.Synchronize();
    }

    private static ulong Address<TElement>(BackendBuffer<TElement>? buffer)
        where TElement : unmanaged => ((CudaBuffer<TElement>?)buffer)?.Address ?? 0;
}

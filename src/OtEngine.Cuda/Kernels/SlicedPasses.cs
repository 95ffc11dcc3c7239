using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::sliced_pass</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct SlicedPass
{
    public ulong Points;
    public ulong Directions;
    public ulong Sorted;
    public ulong SortedOrders;
    public ulong Orders;
    public ulong Keys;
    public ulong Indices;
    public ulong OtherKeys;
    public ulong OtherIndices;
    public ulong Counts;
    public ulong Masses;
    public ulong Ends;
    public ulong TileMasses;
    public int Count;
    public int Dimension;
    public int Tiles;
    public int Shift;
    public int IsSorted;
}

/// <summary><c>ot::sliced_merge_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct SlicedMergeArguments
{
    public ulong Keys;
    public ulong Indices;
    public ulong Ends;
    public ulong OtherKeys;
    public ulong OtherIndices;
    public ulong OtherEnds;
    public ulong Partials;
    public ulong Begins;
    public ulong Tails;
    public ulong Costs;
    public ulong Slopes;
    public ulong OtherSlopes;
    public long Mass;
    public long OtherMass;
    public double Order;
    public double Unit;
    public int Count;
    public int OtherCount;
    public int Tiles;
}

/// <summary>
/// The launcher of kernels/sliced_passes.cu: a row of <see cref="SlicedCost"/> whose clouds no block holds. Keys are in device memory, sorted by passes of
/// eight bits, as many directions at a time as <see cref="MostBytes"/> hold.
/// </summary>
internal sealed unsafe class SlicedPasses : IDisposable
{
    /// <summary>Device memory for keys, indices and sums, beyond that of a single direction: enough tiles to fill any device.</summary>
    private const long MostBytes = 1 << 28;

    /// <summary>Keys of a tile: <c>ot::sliced_tile</c>.</summary>
    private const int Tile = 2048;

    /// <summary>Counters of a tile: <c>ot::sliced_buckets</c>.</summary>
    private const int Buckets = 256;

    private const int DigitBits = 8;
    private const string Family = "sliced_passes";
    private static readonly KernelEntry<SlicedPass> Project = new(Family, "ot_sliced_project", Tuning.SlicedThreads);
    private static readonly KernelEntry<SlicedPass> Count = new(Family, "ot_sliced_count", Tuning.SlicedThreads);
    private static readonly KernelEntry<SlicedPass> Offsets = new(Family, "ot_sliced_offsets", Tuning.SlicedThreads, isTyped: false);
    private static readonly KernelEntry<SlicedPass> Scatter = new(Family, "ot_sliced_scatter", Tuning.SlicedThreads);
    private static readonly KernelEntry<SlicedPass> Write = new(Family, "ot_sliced_write", Tuning.SlicedThreads);
    private static readonly KernelEntry<SlicedPass> TileMasses = new(Family, "ot_sliced_tile_masses", Tuning.SlicedThreads, isTyped: false);
    private static readonly KernelEntry<SlicedPass> TileStarts = new(Family, "ot_sliced_tile_starts", Tuning.SlicedThreads, isTyped: false);
    private static readonly KernelEntry<SlicedPass> Ends = new(Family, "ot_sliced_ends", Tuning.SlicedThreads, isTyped: false);
    private static readonly KernelEntry<SlicedMergeArguments> Merge = new(Family, "ot_sliced_merge", Tuning.SlicedThreads);
    private static readonly KernelEntry<SlicedMergeArguments> Total = new(Family, "ot_sliced_total", Tuning.SlicedThreads, isTyped: false);

    private readonly CudaRuntime _runtime;
    private readonly CudaStream _stream;
    private readonly List<IDisposable> _memory = [];

    private SlicedPasses(CudaRuntime runtime, CudaStream stream)
    {
        _runtime = runtime;
        _stream = stream;
    }

    public static void Run<T>(CudaRuntime runtime, in SlicedRow row, double order, SlicedBuffers<T> buffers, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (row.Directions == 0)
            return;
        using StreamLease lease = runtime.Rent();
        using SlicedPasses passes = new(runtime, lease.Stream);
        int most = (int)Math.Clamp(MostBytes / (BytesOf<T>(row.A) + BytesOf<T>(row.B)), 1, row.Directions);
        SlicedPass a = passes.Allocate<T>(row.A, row.Dimension, most);
        SlicedPass b = row.B.Count == 0 ? default : passes.Allocate<T>(row.B, row.Dimension, most);
        bool areSplit = !row.IsOneToOne && (row.A.Slopes >= 0 || row.B.Slopes >= 0);
        SlicedMergeArguments merge = new()
        {
            Mass = row.A.Mass,
            OtherMass = row.B.Mass,
            Order = order,
            Unit = row.Unit,
            Count = row.A.Count,
            OtherCount = row.B.Count,
            Tiles = (int)Kernels.Tiles.Of(row.IsOneToOne ? row.A.Count : (long)row.A.Count + row.B.Count, Tile),
        };
        if (row.B.Count > 0)
        {
            long tiles = (long)most * merge.Tiles;
            merge = merge with { Partials = passes.Take<double>(tiles), Begins = areSplit ? passes.Take<int>(2 * tiles) : 0, Tails = areSplit ? passes.Take<double>(2 * tiles) : 0 };
        }

        for (int first = 0; first < row.Directions; first += most)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            int directions = Math.Min(most, row.Directions - first);
            SlicedPass sortedA = passes.Sort(row, row.A, a, first, directions, buffers);
            if (row.B.Count > 0)
            {
                SlicedPass sortedB = passes.Sort(row, row.B, b, first, directions, buffers);
                SlicedMergeArguments arguments = merge with
                {
                    Keys = sortedA.Keys,
                    Indices = sortedA.Indices,
                    Ends = sortedA.Ends,
                    OtherKeys = sortedB.Keys,
                    OtherIndices = sortedB.Indices,
                    OtherEnds = sortedB.Ends,
                    Costs = ((CudaBuffer<double>)buffers.Costs).AddressAt(row.Costs + first),
                    Slopes = At(buffers.Slopes, row.A.Slopes, first, row.A.Count),
                    OtherSlopes = At(buffers.Slopes, row.B.Slopes, first, row.B.Count),
                };
                Merge.Launch<T>(runtime, passes._stream, (long)directions * merge.Tiles, arguments);
                Total.Launch<T>(runtime, passes._stream, directions, arguments);
            }

            passes._stream.Synchronize();
        }
    }

    public void Dispose()
    {
        foreach (IDisposable memory in _memory)
            memory.Dispose();
    }

    /// <summary>Bytes of one direction of a side: keys and indices twice, counters and sums.</summary>
    private static long BytesOf<T>(in SlicedSide side)
        where T : unmanaged => (((2L * (sizeof(T) + sizeof(uint))) + sizeof(long)) * side.Count) + (((Buckets * sizeof(uint)) + sizeof(long)) * Tiles.Of(side.Count, Tile));

    /// <summary>The address of what a side has of a direction in a buffer; 0 where it has nothing.</summary>
    private static ulong At<TElement>(BackendBuffer<TElement>? buffer, long offset, int direction, int count)
        where TElement : unmanaged => offset < 0 || buffer is null ? 0 : ((CudaBuffer<TElement>)buffer).AddressAt(offset + ((long)direction * count));

    private ulong Take<TElement>(long length)
        where TElement : unmanaged
    {
        CudaBuffer<TElement> buffer = _runtime.Allocate<TElement>(length);
        _memory.Add(buffer);
        return buffer.Address;
    }

    private SlicedPass Allocate<T>(in SlicedSide side, int dimension, int directions)
        where T : unmanaged
    {
        long all = (long)side.Count * directions;
        int tiles = (int)Kernels.Tiles.Of(side.Count, Tile);
        return new SlicedPass
        {
            Keys = Take<T>(all),
            OtherKeys = Take<T>(all),
            Indices = Take<uint>(all),
            OtherIndices = Take<uint>(all),
            Counts = Take<uint>((long)directions * Buckets * tiles),
            Ends = side.Masses < 0 ? 0 : Take<long>(all),
            TileMasses = side.Masses < 0 ? 0 : Take<long>((long)directions * tiles),
            Count = side.Count,
            Dimension = dimension,
            Tiles = tiles,
        };
    }

    /// <summary>Queues projection, passes, what is wanted of the order, and the running sums of mass.</summary>
    /// <returns>Where the keys have come to lie.</returns>
    private SlicedPass Sort<T>(in SlicedRow row, in SlicedSide side, SlicedPass pass, int first, int directions, SlicedBuffers<T> buffers)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        pass.Points = side.IsSorted != 0 ? 0 : ((CudaBuffer<T>)buffers.Points).AddressAt(side.Points);
        pass.Directions = ((CudaBuffer<T>)buffers.Directions).AddressAt(row.FirstDirection + ((long)first * row.Dimension));
        pass.Sorted = At(buffers.Sorted, side.Sorted, first, side.Count);
        pass.SortedOrders = At(buffers.SortedOrders, side.Sorted, first, side.Count);
        pass.Orders = At(buffers.Orders, side.Orders, first, side.Count);
        pass.Masses = side.Masses < 0 ? 0 : ((CudaBuffer<long>)buffers.Masses).AddressAt(side.Masses);
        pass.IsSorted = side.IsSorted;
        long blocks = (long)directions * pass.Tiles;
        Project.Launch<T>(_runtime, _stream, blocks, pass);
        for (; side.IsSorted == 0 && pass.Shift < 8 * sizeof(T); pass.Shift += DigitBits)
        {
            Count.Launch<T>(_runtime, _stream, blocks, pass);
            Offsets.Launch<T>(_runtime, _stream, directions, pass);
            Scatter.Launch<T>(_runtime, _stream, blocks, pass);
            (pass.Keys, pass.OtherKeys) = (pass.OtherKeys, pass.Keys);
            (pass.Indices, pass.OtherIndices) = (pass.OtherIndices, pass.Indices);
        }

        if (pass.Orders != 0 || (pass.Sorted != 0 && side.IsSorted == 0))
            Write.Launch<T>(_runtime, _stream, blocks, pass);
        if (pass.Masses != 0)
        {
            TileMasses.Launch<T>(_runtime, _stream, blocks, pass);
            TileStarts.Launch<T>(_runtime, _stream, directions, pass);
            Ends.Launch<T>(_runtime, _stream, blocks, pass);
        }

        return pass;
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::vector_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VectorArguments
{
    public ulong X;
    public ulong Y;
    public ulong Alphas;
    public ulong Starts;
    public ulong Tiles;
    public ulong Places;
    public ulong Partials;
    public long Length;
    public int Runs;
    public VectorOperation Operation;
}

/// <summary>The launcher of kernels/vector.cu.</summary>
internal static class VectorVerb
{
    private const string Family = "vector";

    /// <summary>Elements of a tile: <c>ot::vector_tile</c>.</summary>
    private const int Tile = 4096;

    private static readonly KernelEntry<VectorArguments> MapEntry = new(Family, "ot_vector_map", Tuning.VectorThreads);
    private static readonly KernelEntry<VectorArguments> Partials = new(Family, "ot_vector_partials", Tuning.VectorThreads);
    private static readonly KernelEntry<VectorArguments> Combine = new(Family, "ot_vector_combine_f64", Tuning.VectorThreads, isTyped: false);
    private static readonly KernelEntry<VectorArguments> GroupSumEntry = new(Family, "ot_vector_group_sum", Tuning.VectorThreads);

    public static void Map<T>(
        CudaRuntime runtime, VectorOperation operation, ReadOnlySpan<long> starts, ReadOnlySpan<double> alphas, CudaBuffer<T> x, CudaBuffer<T> y, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        VectorRuns runs = new(starts, Math.Min(x.Length, y.Length));
        using Call call = new(runtime, runs.Starts, runs.Tiles(Tile), operation == VectorOperation.Axpy || !alphas.IsEmpty ? alphas[..runs.Count] : [], [], execution);
        call.Launch<T>(MapEntry, call.TileCount, call.Arguments with { X = x.Address, Y = y.Address, Operation = operation });
    }

    public static void Reduce<T>(
        CudaRuntime runtime, VectorOperation operation, ReadOnlySpan<long> starts, CudaBuffer<T> x, CudaBuffer<double> results, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        VectorRuns runs = new(starts, x.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(runs.Count, results.Length, nameof(starts));
        using Call call = new(runtime, runs.Starts, runs.Tiles(Tile), [], [], execution);
        using CudaBuffer<double> partials = runtime.Allocate<double>(call.TileCount);
        VectorArguments arguments = call.Arguments with { X = x.Address, Y = results.Address, Partials = partials.Address, Operation = operation };
        call.Launch<T>(Partials, call.TileCount, arguments);
        call.Launch<T>(Combine, runs.Count, arguments);
    }

    public static void GroupSum<T>(
        CudaRuntime runtime,
        ReadOnlySpan<long> groups,
        ReadOnlySpan<long> places,
        ReadOnlySpan<double> weights,
        long length,
        CudaBuffer<T> x,
        CudaBuffer<double> y,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        VectorRuns members = new(groups, Math.Min(places.Length, weights.Length));
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length * members.Count, y.Length, nameof(length));
        foreach (long place in places)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place, nameof(places));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(place, x.Length - length, nameof(places));
        }

        using Call call = new(runtime, groups, [], weights, places, execution);
        call.Launch<T>(GroupSumEntry, Tiles.Of(length * members.Count, Tuning.VectorThreads), call.Arguments with { X = x.Address, Y = y.Address, Length = length });
    }

    /// <summary>What all launches of one call share: a stream, and the descriptions of runs in device memory.</summary>
    private sealed class Call : IDisposable
    {
        private readonly CudaRuntime _runtime;
        private readonly List<IDisposable> _memory = [];
        private readonly CudaStream _stream;

        public Call(
            CudaRuntime runtime, ReadOnlySpan<long> starts, ReadOnlySpan<long> tiles, ReadOnlySpan<double> alphas, ReadOnlySpan<long> places, Execution execution)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            _runtime = runtime;
            TileCount = tiles.IsEmpty ? 0 : tiles[^1];
            StreamLease lease = runtime.Rent();
            _stream = lease.Stream;
            try
            {
                Arguments = new VectorArguments
                {
                    Starts = Upload(starts),
                    Tiles = Upload(tiles),
                    Alphas = Upload(alphas),
                    Places = Upload(places),
                    Runs = starts.Length - 1,
                };
                _memory.Add(lease);
            }
            catch
            {
                Dispose();
                lease.Dispose();
                throw;
            }
        }

        public long TileCount { get; }

        public VectorArguments Arguments { get; }

        public void Launch<T>(KernelEntry<VectorArguments> entry, long blocks, VectorArguments arguments)
            where T : unmanaged
        {
            entry.Launch<T>(_runtime, _stream, blocks, arguments);
            _stream.Synchronize();
        }

        public void Dispose()
        {
            foreach (IDisposable memory in _memory)
                memory.Dispose();
        }

        private ulong Upload<TElement>(ReadOnlySpan<TElement> elements)
            where TElement : unmanaged
        {
            CudaBuffer<TElement> buffer = _runtime.Allocate<TElement>(elements.Length);
            _memory.Add(buffer);
            _stream.Upload(elements, buffer);
            return buffer.Address;
        }
    }
}

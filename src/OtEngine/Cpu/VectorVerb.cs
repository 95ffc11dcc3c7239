using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// The verb Vector: what solvers do to vectors between the larger verbs, in double. Runs are worked on in tiles of <see cref="Tile"/>
/// elements whose sums are joined in order, so that threads change no bit.
/// </summary>
/// <remarks>In bounds: runs are within their buffers by <see cref="VectorRuns"/>; members of groups are checked one by one.</remarks>
internal static unsafe class VectorVerb
{
    private const int Tile = 1 << 12;

    /// <summary>Tiles from which a call is spread over threads.</summary>
    private const int SpreadFrom = 32;

    public static void Map<T>(
        VectorOperation operation, ReadOnlySpan<long> starts, ReadOnlySpan<double> alphas, HostBuffer<T> x, HostBuffer<T> y, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        VectorRuns runs = new(starts, Math.Min(x.Length, y.Length));
        double[] factors = operation == VectorOperation.Axpy || !alphas.IsEmpty ? alphas[..runs.Count].ToArray() : new double[runs.Count];
        long[] tiles = runs.Tiles(Tile);
        Spread(tiles[^1], execution, new MapTask<T>(operation, starts.ToArray(), tiles, factors, x.Start, y.Start, execution.Cancellation));
    }

    public static void Reduce<T>(VectorOperation operation, ReadOnlySpan<long> starts, HostBuffer<T> x, HostBuffer<double> results, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        VectorRuns runs = new(starts, x.Length);
        Span<double> found = results.Span(0, runs.Count);
        long[] tiles = runs.Tiles(Tile);
        double[] partials = new double[tiles[^1]];
        Spread(tiles[^1], execution, new ReduceTask<T>(operation, starts.ToArray(), tiles, partials, x.Start, execution.Cancellation));
        for (int run = 0; run < found.Length; run++)
            found[run] = Joined(operation, partials.AsSpan((int)tiles[run], (int)(tiles[run + 1] - tiles[run])));
    }

    public static void GroupSum<T>(
        ReadOnlySpan<long> groups,
        ReadOnlySpan<long> places,
        ReadOnlySpan<double> weights,
        long length,
        HostBuffer<T> x,
        HostBuffer<double> y,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        VectorRuns members = new(groups, Math.Min(places.Length, weights.Length));
        for (int group = 0; group < members.Count; group++)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            Span<double> sums = y.Span(group * length, checked((int)length));
            sums.Clear();
            for (long member = groups[group]; member < groups[group + 1]; member++)
            {
                ReadOnlySpan<T> values = x.Span(places[(int)member], sums.Length);
                double weight = weights[(int)member];
                for (int k = 0; k < sums.Length; k++)
                    sums[k] = Math.FusedMultiplyAdd(weight, double.CreateTruncating(values[k]), sums[k]);
            }
        }
    }

    private static void Spread<TTask>(long tiles, Execution execution, in TTask task)
        where TTask : struct, IPartTask
    {
        int lanes = tiles < SpreadFrom ? 1 : (int)Math.Min(execution.Threads, tiles);
        PartLoop.Run(checked((int)tiles), lanes, task);
        execution.Cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Math.Max gives NaN where there is one.</summary>
    private static double Joined(VectorOperation operation, ReadOnlySpan<double> values)
    {
        CompensatedSum sum = default;
        double largest = double.NegativeInfinity;
        foreach (double value in values)
        {
            sum.Add(value);
            largest = Math.Max(largest, value);
        }

        return operation == VectorOperation.Sum ? sum.Value : largest;
    }

    /// <summary>The run that a tile belongs to, and its elements.</summary>
    private static (int Run, long First, int Count) Place(long[] starts, long[] tiles, int tile)
    {
        int run = Array.BinarySearch(tiles, tile);
        run = run < 0 ? ~run - 1 : run;
        while (tiles[run + 1] == tile)
            run++;
        long first = starts[run] + ((tile - tiles[run]) * Tile);
        return (run, first, (int)Math.Min(Tile, starts[run + 1] - first));
    }

    private readonly struct MapTask<T>(
        VectorOperation operation, long[] starts, long[] tiles, double[] alphas, T* x, T* y, CancellationToken cancellation) : IPartTask
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _x = x;
        private readonly T* _y = y;

        public void Run(int part, int lane)
        {
            if (cancellation.IsCancellationRequested)
                return;
            (int run, long first, int count) = Place(starts, tiles, part);
            double alpha = alphas[run];
            for (long k = first; k < first + count; k++)
            {
                double value = double.CreateTruncating(_x[k]);
                _y[k] = T.CreateTruncating(operation switch
                {
                    VectorOperation.Axpy => Math.FusedMultiplyAdd(alpha, value, double.CreateTruncating(_y[k])),
                    VectorOperation.Exp => Math.Exp(value),
                    _ => Math.Log(value + alpha),
                });
            }
        }
    }

    private readonly struct ReduceTask<T>(
        VectorOperation operation, long[] starts, long[] tiles, double[] partials, T* x, CancellationToken cancellation) : IPartTask
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _x = x;

        public void Run(int part, int lane)
        {
            if (cancellation.IsCancellationRequested)
                return;
            (_, long first, int count) = Place(starts, tiles, part);
            Span<double> values = stackalloc double[Tile];
            for (int k = 0; k < count; k++)
                values[k] = double.CreateTruncating(_x[first + k]);
            partials[part] = Joined(operation, values[..count]);
        }
    }
}

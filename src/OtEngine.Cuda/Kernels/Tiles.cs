using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>
/// How the blocks of a launch are shared out among the problems of a table: running totals in device memory, by which each block finds its
/// problem. Blocks of a problem depend on its shape alone.
/// </summary>
internal sealed class Tiles : IDisposable
{
    private readonly CudaBuffer<long> _totals;
    private readonly CudaBuffer<int>? _chosen;
    private readonly ulong _problems;
    private readonly int _count;

    /// <param name="runtime">Memory.</param>
    /// <param name="stream">Uploads the totals.</param>
    /// <param name="problems">The address of the table's problems.</param>
    /// <param name="chosen">Which rows of the table; empty for all of <paramref name="count"/>.</param>
    /// <param name="count">Rows of the launch.</param>
    /// <param name="blocksOf">Blocks of a row of the table.</param>
    public Tiles(CudaRuntime runtime, CudaStream stream, ulong problems, ReadOnlySpan<int> chosen, int count, Func<int, long> blocksOf)
    {
        _problems = problems;
        _count = count;
        long[] totals = new long[count + 1];
        for (int k = 0; k < count; k++)
            totals[k + 1] = totals[k] + blocksOf(chosen.IsEmpty ? k : chosen[k]);
        Total = totals[count];
        _totals = runtime.Allocate<long>(totals.Length);
        try
        {
            _chosen = chosen.IsEmpty ? null : runtime.Allocate<int>(count);
            stream.Upload(totals, _totals);
            if (_chosen is not null)
                stream.Upload(chosen, _chosen);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Blocks of the launch.</summary>
    public long Total { get; }

    public DeviceTable Table => new() { Problems = _problems, Tiles = _totals.Address, Chosen = _chosen?.Address ?? 0, Count = _count };

    public void Dispose()
    {
        _totals.Dispose();
        _chosen?.Dispose();
    }

    /// <summary>ceil(count / size).</summary>
    public static long Of(long count, int size) => (count + size - 1) / size;
}

using System.Collections.Concurrent;
using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// A table in host memory, where it already is, and the kernels that its problems share: made when first asked for, kept while all of
/// them together fit the budget of cost matrices, and else only while they are in use.
/// </summary>
internal sealed class CpuTable<T>(ProblemTable<T> table) : LoadedTable<T>(table)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ConcurrentDictionary<(int Geometry, double Epsilon), Entry> _entries = [];
    private long _keptBytes;

    /// <summary>exp(-C / eps) of a candidate geometry for its histograms, until it is given back; null where its costs span too many eps.</summary>
    public GibbsKernel<T>? Rent(int geometry, double epsilon, Execution execution)
    {
        Entry entry = _entries.GetOrAdd((geometry, epsilon), static _ => new Entry());
        lock (entry)
        {
            if (entry.Kernel is null && !entry.IsRefused)
            {
                entry.Kernel = GibbsKernel<T>.Of((DenseGeometry<T>)Table.Geometries[geometry], epsilon, execution.Cancellation);
                entry.IsRefused = entry.Kernel is null;
                long bytes = entry.Kernel?.Bytes ?? 0;
                entry.IsKept = Interlocked.Add(ref _keptBytes, bytes) <= execution.CostMatrixBudget;
                if (!entry.IsKept)
                    Interlocked.Add(ref _keptBytes, -bytes);
            }

            entry.Users++;
            return entry.Kernel;
        }
    }

    /// <summary>Ends one use of a kernel.</summary>
    public void Return(int geometry, double epsilon)
    {
        Entry entry = _entries[(geometry, epsilon)];
        lock (entry)
        {
            if (--entry.Users > 0 || entry.IsKept)
                return;
            entry.Kernel?.Dispose();
            entry.Kernel = null;
        }
    }

    public override void Refresh()
    {
        // They are read where they are.
    }

    public override void Dispose()
    {
        foreach (Entry entry in _entries.Values)
            entry.Kernel?.Dispose();
        _entries.Clear();
    }

    private sealed class Entry
    {
        public GibbsKernel<T>? Kernel { get; set; }

        public bool IsRefused { get; set; }

        public bool IsKept { get; set; }

        public int Users { get; set; }
    }
}

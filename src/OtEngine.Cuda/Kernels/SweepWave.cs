using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>
/// Problems of a table that are swept at the same time, their exponents all in memory: the blocks that each has in every kernel, and the graph
/// of some sweeps, captured once and launched by every call with the same buffers.
/// </summary>
internal sealed class SweepWave<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly List<IDisposable> _memory = [];
    private GraphKey _captured;
    private CudaGraph? _graph;

    public SweepWave(SweepMemory<T> memory, CudaStream stream, int[] rows)
    {
        Rows = rows;
        CudaTable<T> table = memory.Table;
        try
        {
            // Grids have no parts.
            RowTiles = Of(row => memory.LayoutOf(row) is { Kernel: >= 0 } layout ? layout.Parts : 0);
            ColumnTiles = Of(row => memory.LayoutOf(row).ColumnTiles);
            ProblemTiles = Of(_ => 1);
            if (Array.Exists(rows, row => memory.LayoutOf(row) is { Kernel: < 0, Parts: > 0 }))
                Points = memory.Points.TilesOf(Of);
            Resident = rows.Length == 1 ? SinkhornResident.Of(memory, rows[0]) : null;
            if (Resident is not null)
                Barrier = Keep(memory.Runtime.Allocate<uint>(1));
            int[] grids = [.. rows.Where(table.IsGrid)];
            if (grids.Length == 0)
                return;
            Grids = Keep(GridSoftMin.Of(memory.Runtime, stream, table, grids));
            GridTiles = Keep(table.TilesOf(stream, grids, _ => 1));
        }
        catch
        {
            Dispose();
            throw;
        }

        Tiles Of(Func<int, long> blocksOf) => Keep(new Tiles(memory.Runtime, stream, table.Problems, rows, rows.Length, blocksOf));
    }

    /// <summary>Rows of the table, in order.</summary>
    public int[] Rows { get; }

    /// <summary>Of those that have no stored exponents and are on no grid; null if none is.</summary>
    public PointsTiles? Points { get; }

    public Tiles RowTiles { get; }

    public Tiles ColumnTiles { get; }

    public Tiles ProblemTiles { get; }

    /// <summary>How the exponents of the only problem are kept on chip; null where there are others, or they do not fit.</summary>
    public SinkhornResident? Resident { get; }

    /// <summary>What the blocks of a resident launch meet at.</summary>
    public CudaBuffer<uint>? Barrier { get; }

    /// <summary>Transforms of the problems on grids, which are swept along the axes; null if there are none.</summary>
    public GridSoftMin? Grids { get; }

    /// <summary>One block each.</summary>
    public Tiles? GridTiles { get; }

    /// <summary>The sweeps of a call as a graph: that of the call before where it used the same buffers.</summary>
    /// <param name="arguments">Of the call.</param>
    /// <param name="sweeps">How many.</param>
    /// <param name="capture">Captures them.</param>
    public CudaGraph Graph(SweepArguments arguments, int sweeps, Func<CudaGraph> capture)
    {
        GraphKey key = new(arguments.States, arguments.Potentials, arguments.Stages, sweeps);
        if (_graph is not null && _captured == key)
            return _graph;
        _graph?.Dispose();
        _graph = null;
        _graph = capture();
        _captured = key;
        return _graph;
    }

    public void Dispose()
    {
        _graph?.Dispose();
        foreach (IDisposable memory in _memory)
            memory.Dispose();
    }

    private TMemory Keep<TMemory>(TMemory memory)
        where TMemory : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }

    /// <summary>The addresses in a graph that a call chooses; all others are those of the table.</summary>
    private readonly record struct GraphKey(ulong States, ulong Potentials, ulong Stages, int Sweeps);
}

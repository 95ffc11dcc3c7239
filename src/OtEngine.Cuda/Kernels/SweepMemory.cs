using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>
/// What the sweeps of one table need in device memory, laid out by shape alone and kept with the table: exponents, increments, partial sums,
/// the blocks of every kernel.
/// </summary>
internal sealed class SweepMemory<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>A stored matrix of exponents may take this share of the device.</summary>
    private const int LargestShare = 4;

    private readonly List<IDisposable> _memory = [];
    private readonly bool[] _small;
    private readonly CudaBuffer<T> _kernels;
    private readonly CudaBuffer<T> _partials;
    private readonly CudaBuffer<double> _increments;
    private readonly CudaBuffer<double> _errors;
    private readonly CudaBuffer<int> _flags;
    private readonly CudaBuffer<SweepLayout> _layouts;
    private CudaBuffer<SinkhornStage>? _stages;

    public SweepMemory(CudaRuntime runtime, CudaStream stream, CudaTable<T> table, long costMatrixBudget)
    {
        Table = table;
        Runtime = runtime;
        ProblemTable<T> problems = table.Table;
        SweepLayout[] layouts = new SweepLayout[problems.Rows.Length];
        _small = new bool[layouts.Length];
        List<int> grids = [];
        long kernels = 0;
        long partials = 0;
        for (int row = 0; row < layouts.Length; row++)
        {
            ProblemRow problem = problems.Rows[row];
            _small[row] = runtime.Options.SolvesInBlocks && SinkhornBlock.Fits<T>(problem, runtime.Limits);
            if (_small[row])
                continue;
            if (table.IsGrid(row))
            {
                layouts[row].Kernel = -1;
                grids.Add(row);
                continue;
            }

            bool stored = IsStored(problems.Geometries[problem.Geometry], runtime.Limits.TotalMemory, costMatrixBudget);
            layouts[row] = stored ? Layout(problem) : PointsMemory<T>.Layout(runtime, problem, problems.Geometries[problem.Geometry]);
            layouts[row].Partials = partials;
            partials += (long)layouts[row].Parts * problem.Columns;
            if (!stored)
                continue;
            layouts[row].Kernel = kernels;
            kernels += (long)problem.Rows * problem.Columns;
        }

        long count = problems.PotentialCount;
        try
        {
            _kernels = Keep(runtime.Allocate<T>(kernels));
            _partials = Keep(runtime.Allocate<T>(partials));
            _increments = Keep(runtime.Allocate<double>(2 * count));
            _errors = Keep(runtime.Allocate<double>(2 * count));
            _flags = Keep(runtime.Allocate<int>(2 * count));
            _layouts = Keep(runtime.Allocate<SweepLayout>(layouts.Length));
            Logarithms = Keep(runtime.Allocate<double>(count));
            Zeros = Keep(runtime.Allocate<double>(Math.Max(count, layouts.Length)));
            Epsilons = Keep(runtime.Allocate<double>(layouts.Length));
            Controls = Keep(runtime.Allocate<SweepControl>(layouts.Length));
            stream.Upload<SweepLayout>(layouts, _layouts);
            stream.Clear(Zeros, 0, Zeros.Length);
            stream.Clear(Epsilons, 0, Epsilons.Length);
            // Small problems have no layout, and no blocks in these kernels.
            RowTiles = Keep(Of(row => layouts[row].Kernel < 0 ? 0 : layouts[row].Parts));
            Points = Keep(new PointsMemory<T>(runtime, stream, table, layouts));
            ColumnTiles = Keep(Of(row => layouts[row].ColumnTiles));
            ProblemTiles = Keep(Of(row => _small[row] ? 0 : 1));
            GridRows = [.. grids];
            if (GridRows.Length > 0)
            {
                Grids = Keep(GridSoftMin.Of(runtime, stream, table, GridRows));
                GridTiles = Keep(new Tiles(runtime, stream, table.Problems, GridRows, GridRows.Length, _ => 1));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        Tiles Of(Func<int, long> blocksOf) =>
            new(runtime, stream, table.Problems, [], layouts.Length, blocksOf);
    }

    public CudaTable<T> Table { get; }

    public CudaRuntime Runtime { get; }

    public CudaBuffer<double> Logarithms { get; }

    public CudaBuffer<double> Zeros { get; }

    public CudaBuffer<double> Epsilons { get; }

    public CudaBuffer<SweepControl> Controls { get; }

    public Tiles RowTiles { get; }

    /// <summary>What the problems need whose exponents are not stored.</summary>
    public PointsMemory<T> Points { get; }

    public Tiles ColumnTiles { get; }

    public Tiles ProblemTiles { get; }

    /// <summary>The problems on grids that no block holds, which are swept along the axes.</summary>
    public int[] GridRows { get; }

    /// <summary>Their transforms; null if there are none.</summary>
    public GridSoftMin? Grids { get; }

    /// <summary>One block each.</summary>
    public Tiles? GridTiles { get; }

    /// <summary>Whether a problem is solved within one block.</summary>
    public bool IsSmall(int row) => _small[row];

    /// <summary>A problem's control at the beginning of a call of so many sweeps.</summary>
    public SweepControl Control(int row, long sweeps) =>
        new() { Mode = SweepMode.Ended, AlwaysShifted = Always(row), Left = sweeps };

    /// <summary>Takes the stages of a call.</summary>
    public void Take(CudaStream stream, ReadOnlySpan<SinkhornStage> stages)
    {
        if (_stages is null || _stages.Length < stages.Length)
        {
            _stages?.Dispose();
            _stages = null;
            _stages = Runtime.Allocate<SinkhornStage>(stages.Length);
        }

        stream.Upload(stages, _stages);
    }

    /// <summary>The arguments of a launch over some blocks.</summary>
    public SweepArguments Arguments(DeviceTable problems, CudaBuffer<SinkhornState> states, CudaBuffer<double> potentials)
    {
        long half = Table.Table.PotentialCount;
        return new SweepArguments
        {
            Problems = problems,
            States = states.Address,
            Controls = Controls.Address,
            Layouts = _layouts.Address,
            Stages = _stages!.Address,
            Potentials = potentials.Address,
            Increments = _increments.Address,
            Logarithms = Logarithms.Address,
            ErrorsA = _errors.Address,
            ErrorsB = _errors.AddressAt(half),
            FlagsA = _flags.Address,
            FlagsB = _flags.AddressAt(half),
            Epsilons = Epsilons.Address,
            Kernels = _kernels.Address,
            Partials = _partials.Address,
            Half = half,
            Count = Table.Table.Rows.Length,
        };
    }

    public void Dispose()
    {
        _stages?.Dispose();
        foreach (IDisposable memory in _memory)
            memory.Dispose();
    }

    /// <summary>Stored costs have stored exponents unless they would crowd the device; points as far as the caller's budget goes.</summary>
    private static unsafe bool IsStored(Geometry<T> geometry, long deviceBytes, long costMatrixBudget)
    {
        BigInteger bytes = (BigInteger)geometry.Rows * geometry.Columns * sizeof(T);
        return bytes <= deviceBytes / LargestShare && (geometry is DenseGeometry<T> or BufferGeometry<T> or DeviceGeometry<T> { Problem.Geometry: DeviceGeometryKind.Dense } || bytes <= costMatrixBudget);
    }

    private SweepAlways Always(int row) =>
        !_small[row] && Table.IsGrid(row) ? SweepAlways.ByAxes : Table.LeastShare(row) < Cpu.SinkhornWorker<T>.LeastShare ? SweepAlways.ByShares : SweepAlways.Never;

    private static SweepLayout Layout(in ProblemRow problem)
    {
        int partRows = (int)Math.Max(Tuning.SweepPartRows, Tiles.Of(problem.Rows, Tuning.SweepParts));
        int parts = (int)Tiles.Of(problem.Rows, partRows);
        return new SweepLayout { Parts = parts, ErrorParts = parts, PartRows = partRows, ColumnTiles = (int)Tiles.Of(problem.Columns, Tuning.SweepThreads) };
    }

    private TMemory Keep<TMemory>(TMemory memory)
        where TMemory : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }
}

using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>
/// What the sweeps of one table need in device memory, laid out by shape alone and kept with the table: exponents, increments, partial sums.
/// Where the exponents of all problems do not fit the device at once, problems are swept in waves that use the same memory one after another.
/// </summary>
internal sealed class SweepMemory<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>A stored matrix of exponents may take this share of the device.</summary>
    private const int LargestShare = 4;

    private readonly List<IDisposable> _memory = [];
    private readonly bool[] _small;
    private readonly SweepLayout[] _hostLayouts;
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
        _hostLayouts = new SweepLayout[problems.Rows.Length];
        _small = new bool[_hostLayouts.Length];
        for (int row = 0; row < _small.Length; row++)
        {
            ProblemRow problem = problems.Rows[row];
            _small[row] = runtime.Options.SolvesInBlocks && SinkhornBlock.Fits<T>(problem.Rows, problem.Columns, runtime.Limits);
            if (table.IsGrid(row) || _small[row])
                _hostLayouts[row].Kernel = -1;
            else if (IsStored(problems.Geometries[problem.Geometry], runtime.Limits.TotalMemory, costMatrixBudget))
                _hostLayouts[row] = Layout(problem.Rows, problem.Columns);
            else
                _hostLayouts[row] = PointsMemory<T>.Layout(runtime, problem, problems.Geometries[problem.Geometry]);
        }

        long count = problems.PotentialCount;
        try
        {
            _increments = Keep(runtime.Allocate<double>(2 * count));
            _errors = Keep(runtime.Allocate<double>(2 * count));
            _flags = Keep(runtime.Allocate<int>(2 * count));
            _layouts = Keep(runtime.Allocate<SweepLayout>(_small.Length));
            Logarithms = Keep(runtime.Allocate<double>(count));
            Zeros = Keep(runtime.Allocate<double>(Math.Max(count, _small.Length)));
            Epsilons = Keep(runtime.Allocate<double>(_small.Length));
            Controls = Keep(runtime.Allocate<SweepControl>(_small.Length));
            Points = Keep(new PointsMemory<T>(runtime, stream, table, _hostLayouts));
            List<int[]> waves = TakeLargest(out _kernels, out _partials);
            stream.Upload<SweepLayout>(_hostLayouts, _layouts);
            stream.Clear(Zeros, 0, Zeros.Length);
            stream.Clear(Epsilons, 0, Epsilons.Length);
            AllWaves = [.. waves.Select(rows => Keep(new SweepWave<T>(this, stream, rows)))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public CudaTable<T> Table { get; }

    public CudaRuntime Runtime { get; }

    public CudaBuffer<double> Logarithms { get; }

    public CudaBuffer<double> Zeros { get; }

    public CudaBuffer<double> Epsilons { get; }

    public CudaBuffer<SweepControl> Controls { get; }

    /// <summary>What the problems need whose exponents are not stored.</summary>
    public PointsMemory<T> Points { get; }

    /// <summary>The problems that no block holds, by those that are swept at the same time.</summary>
    public SweepWave<T>[] AllWaves { get; } = [];

    /// <summary>Where the sums of a problem that no block holds lie.</summary>
    public SweepLayout LayoutOf(int row) => _hostLayouts[row];

    /// <summary>The layout of stored exponents but for the offsets.</summary>
    public static SweepLayout Layout(int rows, int columns)
    {
        int partRows = (int)Math.Max(Tuning.SweepPartRows, Tiles.Of(rows, Tuning.SweepParts));
        int parts = (int)Tiles.Of(rows, partRows);
        return new SweepLayout { Parts = parts, ErrorParts = parts, PartRows = partRows, ColumnTiles = (int)Tiles.Of(columns, Tuning.SweepThreads) };
    }

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

    /// <summary>
    /// Memory of the largest wave, as large as three fifths of what is free allow, since what is allocated may be a quarter larger, and the rest is
    /// for what else a solve needs. Where others have taken it since it was free, waves are halved, down to one problem each.
    /// </summary>
    private List<int[]> TakeLargest(out CudaBuffer<T> kernels, out CudaBuffer<T> partials)
    {
        for (long capacity = Capacity(); ; capacity = Math.Min(capacity / 2, Capacity()))
        {
            List<int[]> waves = Waves(capacity, out long kernelCount, out long partialCount);
            CudaBuffer<T>? taken = null;
            try
            {
                taken = Keep(Runtime.Allocate<T>(kernelCount));
                partials = Keep(Runtime.Allocate<T>(partialCount));
                kernels = taken;
                return waves;
            }
            catch (CudaOutOfMemoryException) when (capacity > 0 && waves.Exists(rows => rows.Length > 1))
            {
                taken?.Dispose();
            }
        }
    }

    /// <summary>Elements of exponents and partial sums that a wave may have.</summary>
    private unsafe long Capacity() => Runtime.Memory.FreeBytes() / 5 * 3 / sizeof(T);

    /// <summary>Shares out the problems that no block holds. Their order and their bits are those of one wave.</summary>
    /// <param name="capacity">Elements of a wave of more than one problem.</param>
    /// <param name="kernels">Receives the elements of exponents that the largest wave has.</param>
    /// <param name="partials">Likewise of partial sums.</param>
    private List<int[]> Waves(long capacity, out long kernels, out long partials)
    {
        List<int[]> waves = [];
        List<int> wave = [];
        long waveKernels = kernels = 0;
        long wavePartials = partials = 0;
        for (int row = 0; row < _small.Length; row++)
        {
            if (_small[row])
                continue;
            ProblemRow problem = Table.Table.Rows[row];
            ref SweepLayout layout = ref _hostLayouts[row];
            long ownKernels = layout.Kernel < 0 ? 0 : (long)problem.Rows * problem.Columns;
            long ownPartials = (long)layout.Parts * problem.Columns;
            if (wave.Count > 0 && ownKernels + ownPartials > capacity - waveKernels - wavePartials)
            {
                waves.Add([.. wave]);
                wave.Clear();
                waveKernels = 0;
                wavePartials = 0;
            }

            wave.Add(row);
            layout.Kernel = layout.Kernel < 0 ? -1 : waveKernels;
            layout.Partials = wavePartials;
            waveKernels += ownKernels;
            wavePartials += ownPartials;
            kernels = Math.Max(kernels, waveKernels);
            partials = Math.Max(partials, wavePartials);
        }

        if (wave.Count > 0)
            waves.Add([.. wave]);
        return waves;
    }

    /// <summary>Stored costs have stored exponents unless they would crowd the device; points as far as the caller's budget goes.</summary>
    private static unsafe bool IsStored(Geometry<T> geometry, long deviceBytes, long costMatrixBudget)
    {
        BigInteger bytes = (BigInteger)geometry.Rows * geometry.Columns * sizeof(T);
        return bytes <= deviceBytes / LargestShare && (geometry is DenseGeometry<T> or BufferGeometry<T> or DeviceGeometry<T> { Problem.Geometry: DeviceGeometryKind.Dense } || bytes <= costMatrixBudget);
    }

    private SweepAlways Always(int row) =>
        !_small[row] && Table.IsGrid(row) ? SweepAlways.ByAxes : Table.LeastShare(row) < Cpu.SinkhornWorker<T>.LeastShare ? SweepAlways.ByShares : SweepAlways.Never;

    private TMemory Keep<TMemory>(TMemory memory)
        where TMemory : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }
}

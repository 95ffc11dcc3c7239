using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::grid_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GridSoftMinArguments
{
    public DeviceTable Problems;
    public ulong Epsilons;
    public ulong Inputs;
    public ulong Outputs;
    public ulong Source;
    public ulong Destination;
    public ulong Offsets;
    public ulong Controls;
    public double Least;
    public long Count;
    public int Side;
    public int Step;
    public GridUse Use;
    public SoftMinAtoms Atoms;
    public int Logarithms;
    public int Reserved;
}

/// <summary>What a step along an axis takes: <c>ot::grid_use</c>, and <see cref="Cpu.GridAxisUse"/> of the CPU.</summary>
internal enum GridUse
{
    Soft,
    Hard,
    Weighted,
}

/// <summary>
/// The launcher of kernels/grid_soft_min.cu, with the memory and the blocks that transforms of some problems of a table need: axis after
/// axis, those that shrink first, in time cells times the sum of the axis lengths; nothing on the way is larger than the larger side.
/// </summary>
internal sealed class GridSoftMin : IDisposable
{
    private const string Family = "grid_soft_min";
    private static readonly KernelEntry<GridSoftMinArguments> Prepare = new(Family, "ot_grid_soft_min_prepare", Tuning.CostThreads, isTyped: false);
    private static readonly KernelEntry<GridSoftMinArguments> Axis = new(Family, "ot_grid_soft_min_axis", Tuning.CostThreads, isTyped: false);
    private static readonly KernelEntry<GridSoftMinArguments> Finish = new(Family, "ot_grid_soft_min_finish", Tuning.CostThreads, isTyped: false);
    private static readonly KernelEntry<GridSoftMinArguments> Join = new(Family, "ot_grid_soft_min_join", Tuning.CostThreads, isTyped: false);

    /// <summary>Arrays that transforms take turns in.</summary>
    public const int ArraysOfATransform = 2;

    /// <summary>Arrays of <see cref="RunWithCosts"/>.</summary>
    public const int ArraysWithCosts = 5;

    /// <summary>Lines of a tile, and results of each.</summary>
    private const int TileSide = 32;

    private readonly CudaRuntime _runtime;
    private readonly List<IDisposable> _memory = [];
    private readonly CudaBuffer<double> _work;
    private readonly CudaBuffer<long> _offsets;
    private readonly Tiles[] _cells;
    private readonly Tiles[][] _steps;
    private readonly long _length;

    private GridSoftMin(CudaRuntime runtime, CudaStream stream, ulong problems, int[] chosen, (int[] A, int[] B)[] shapes, int arrays)
    {
        _runtime = runtime;
        long[] offsets = new long[shapes.Length];
        long total = 0;
        int axes = 0;
        foreach (int row in chosen)
        {
            offsets[row] = total;
            total += Math.Max(Cells(shapes[row].A), Cells(shapes[row].B));
            axes = Math.Max(axes, shapes[row].A.Length);
        }

        _length = total;

        try
        {
            _work = Keep(runtime.Allocate<double>(arrays * total));
            _offsets = Keep(runtime.Allocate<long>(offsets.Length));
            stream.Upload<long>(offsets, _offsets);
            _cells = [Of(row => Tiles.Of(Cells(shapes[row].A), Tuning.CostThreads)), Of(row => Tiles.Of(Cells(shapes[row].B), Tuning.CostThreads))];
            _steps = [[.. Enumerable.Range(0, axes).Select(step => Of(row => BlocksOf(shapes[row].B, shapes[row].A, step)))], [.. Enumerable.Range(0, axes).Select(step => Of(row => BlocksOf(shapes[row].A, shapes[row].B, step)))]];
        }
        catch
        {
            Dispose();
            throw;
        }

        Tiles Of(Func<int, long> blocksOf) => Keep(new Tiles(runtime, stream, problems, chosen, chosen.Length, blocksOf));
    }

    /// <summary>Lays out the transforms of some rows of a table, all on grids.</summary>
    /// <param name="runtime">Memory and kernels.</param>
    /// <param name="stream">Uploads what the layout is.</param>
    /// <param name="table">The table.</param>
    /// <param name="rows">Which of its rows.</param>
    /// <param name="arrays">Arrays of the larger side to work in: <see cref="ArraysOfATransform"/> or <see cref="ArraysWithCosts"/>.</param>
    public static GridSoftMin Of<T>(CudaRuntime runtime, CudaStream stream, CudaTable<T> table, ReadOnlySpan<int> rows, int arrays = ArraysOfATransform)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int[] A, int[] B)[] shapes =
        [
            .. table.Table.Rows.Select(row => table.Table.Geometries[row.Geometry] is GridGeometry<T> grid ? ([.. grid.ShapeA], [.. grid.ShapeB]) : (Array.Empty<int>(), Array.Empty<int>())),
        ];
        return new GridSoftMin(runtime, stream, table.Problems, rows.ToArray(), shapes, arrays);
    }

    /// <summary>Loads the kernels, which is no work of a stream that is captured.</summary>
    public static void Load(CudaRuntime runtime)
    {
        foreach (KernelEntry<GridSoftMinArguments> entry in (ReadOnlySpan<KernelEntry<GridSoftMinArguments>>)[Prepare, Axis, Finish, Join])
            _ = entry.Function<double>(runtime);
    }

    /// <summary>Queues the transform of one side; see <see cref="SoftMin.Queue"/>.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="side">The side of the results.</param>
    /// <param name="epsilons">One a problem of the whole table; null for hard transforms.</param>
    /// <param name="inputs">Potentials of the other side, by the offsets of the table.</param>
    /// <param name="outputs">Receives those of the side.</param>
    /// <param name="atoms">Which of its atoms.</param>
    /// <param name="logarithms">Whether log2 of the sums is wanted in place of potentials.</param>
    /// <param name="controls">Where given, only problems that are to sweep by shifted sums.</param>
    public void Queue(
        CudaStream stream,
        TransportSide side,
        CudaBuffer<double>? epsilons,
        CudaBuffer<double> inputs,
        CudaBuffer<double> outputs,
        SoftMinAtoms atoms,
        bool logarithms = false,
        CudaBuffer<SweepControl>? controls = null)
    {
        int own = side == TransportSide.A ? 0 : 1;
        GridSoftMinArguments arguments = new()
        {
            Epsilons = epsilons?.Address ?? 0,
            Inputs = inputs.Address,
            Outputs = outputs.Address,
            Source = AddressOf(0),
            Destination = AddressOf(1),
            Offsets = _offsets.Address,
            Controls = controls?.Address ?? 0,
            Side = own,
            Use = epsilons is null ? GridUse.Hard : GridUse.Soft,
            Atoms = atoms,
            Logarithms = logarithms ? 1 : 0,
        };
        Launch(Prepare, stream, _cells[1 - own], arguments);
        for (int step = 0; step < _steps[own].Length; step++)
            Launch(Axis, stream, _steps[own][step], arguments with { Step = step, Source = AddressOf(step & 1), Destination = AddressOf(1 - (step & 1)) });
        Launch(Finish, stream, _cells[own], arguments);
    }

    /// <summary>The transform of one problem's values from the host, as they are: logarithms to logarithms, or potentials to maxima.</summary>
    /// <param name="stream">Where; done when this returns.</param>
    /// <param name="side">The side of the results.</param>
    /// <param name="epsilons">One a problem of the whole table; null for hard transforms.</param>
    /// <param name="values">By cell of the other side.</param>
    /// <param name="results">Receives those by cell of the side.</param>
    public void Run(CudaStream stream, TransportSide side, CudaBuffer<double>? epsilons, ReadOnlySpan<double> values, Span<double> results)
    {
        Tiles[] steps = _steps[side == TransportSide.A ? 0 : 1];
        stream.Upload(values, _work);
        for (int step = 0; step < steps.Length; step++)
            Along(stream, side, epsilons, step, epsilons is null ? GridUse.Hard : GridUse.Soft, step & 1, 1 - (step & 1));
        stream.Download(_work, results, (steps.Length & 1) * _length);
    }

    /// <summary>
    /// At side a the logarithms of the sums and of the costs in them, as <see cref="Cpu.GridTransform.WithCosts"/> defines them, of one
    /// problem's values from the host. Needs <see cref="ArraysWithCosts"/>.
    /// </summary>
    /// <param name="stream">Where; done when this returns.</param>
    /// <param name="epsilons">One a problem of the whole table.</param>
    /// <param name="leastCosts">For each axis, in the order in which they are taken, its least cost.</param>
    /// <param name="cellsAfter">Values after each of these steps.</param>
    /// <param name="values">By cell of side b.</param>
    /// <param name="sums">Receives the logarithms of the sums.</param>
    /// <param name="costs">Receives the logarithms of the costs.</param>
    public void RunWithCosts(
        CudaStream stream, CudaBuffer<double> epsilons, ReadOnlySpan<double> leastCosts, ReadOnlySpan<long> cellsAfter, ReadOnlySpan<double> values, Span<double> sums, Span<double> costs)
    {
        // Arrays 0 and 1 are sums in turn, 2 and 3 costs, and 4 the costs so far on their way through the next axis.
        const int Passed = 4;
        stream.Upload(values, _work);
        for (int step = 0; step < leastCosts.Length; step++)
        {
            int now = step & 1;
            int next = 1 - now;
            Along(stream, TransportSide.A, epsilons, step, GridUse.Weighted, now, 2 + next, leastCosts[step]);
            Along(stream, TransportSide.A, epsilons, step, GridUse.Soft, now, next);
            if (step == 0)
                continue;
            Along(stream, TransportSide.A, epsilons, step, GridUse.Soft, 2 + now, Passed);
            GridSoftMinArguments join = new() { Source = AddressOf(Passed), Destination = AddressOf(2 + next), Count = cellsAfter[step] };
            Join.Launch<double>(_runtime, stream, Tiles.Of(cellsAfter[step], Tuning.CostThreads), join);
        }

        int last = leastCosts.Length & 1;
        stream.Download(_work, sums, last * _length);
        stream.Download(_work, costs, (2 + last) * _length);
    }

    public void Dispose()
    {
        foreach (IDisposable memory in _memory)
            memory.Dispose();
    }

    /// <summary>Blocks of a step: of so many lines, times so many results of each.</summary>
    private static long BlocksOf(int[] from, int[] to, int step)
    {
        // Grids of fewer axes have ended before.
        if (step >= from.Length)
            return 0;
        int[] order = Cpu.GridTransform.Order(from, to);
        long lines = 1;
        for (int k = 0; k < order.Length; k++)
            lines *= k == step ? 1 : k < step ? to[order[k]] : from[order[k]];
        return Tiles.Of(lines, TileSide) * Tiles.Of(to[order[step]], TileSide);
    }

    private static long Cells(int[] shape) => shape.Aggregate(1L, (cells, length) => cells * length);

    private ulong AddressOf(int index) => _work.AddressAt(index * _length);

    private void Along(CudaStream stream, TransportSide side, CudaBuffer<double>? epsilons, int step, GridUse use, int from, int to, double least = 0)
    {
        int own = side == TransportSide.A ? 0 : 1;
        GridSoftMinArguments arguments = new()
        {
            Epsilons = epsilons?.Address ?? 0,
            Source = AddressOf(from),
            Destination = AddressOf(to),
            Offsets = _offsets.Address,
            Least = least,
            Side = own,
            Step = step,
            Use = use,
        };
        Launch(Axis, stream, _steps[own][step], arguments);
    }

    private void Launch(KernelEntry<GridSoftMinArguments> entry, CudaStream stream, Tiles tiles, GridSoftMinArguments arguments) =>
        entry.Launch<double>(_runtime, stream, tiles.Total, arguments with { Problems = tiles.Table });

    private TMemory Keep<TMemory>(TMemory memory)
        where TMemory : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }
}

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
    public ulong Work;
    public ulong Offsets;
    public ulong Controls;
    public long Half;
    public int Side;
    public int Step;
    public int Hard;
    public SoftMinAtoms Atoms;
    public int Logarithms;
    public int Reserved;
}

/// <summary>
/// The launcher of kernels/grid_soft_min.cu, with the memory and the blocks that transforms of some problems of a table need: axis after
/// axis, the last one first, in time cells times the sum of the axis lengths.
/// </summary>
internal sealed class GridSoftMin : IDisposable
{
    private const string Family = "grid_soft_min";
    private static readonly KernelEntry<GridSoftMinArguments> Prepare = new(Family, "ot_grid_soft_min_prepare", Tuning.CostThreads, isTyped: false);
    private static readonly KernelEntry<GridSoftMinArguments> Axis = new(Family, "ot_grid_soft_min_axis", Tuning.CostThreads, isTyped: false);
    private static readonly KernelEntry<GridSoftMinArguments> Finish = new(Family, "ot_grid_soft_min_finish", Tuning.CostThreads, isTyped: false);
    private readonly CudaRuntime _runtime;
    private readonly List<IDisposable> _memory = [];
    private readonly CudaBuffer<double> _work;
    private readonly CudaBuffer<long> _offsets;
    private readonly Tiles[] _cells;
    private readonly Tiles[][] _steps;

    private GridSoftMin(CudaRuntime runtime, CudaStream stream, ulong problems, int[] chosen, (int[] A, int[] B)[] shapes)
    {
        _runtime = runtime;
        long[] offsets = new long[shapes.Length];
        long total = 0;
        int axes = 0;
        foreach (int row in chosen)
        {
            offsets[row] = total;
            int own = shapes[row].A.Length;
            total += Enumerable.Range(0, own + 1).Max(step => Math.Max(Cells(shapes[row], 0, step), Cells(shapes[row], 1, step)));
            axes = Math.Max(axes, own);
        }

        try
        {
            _work = Keep(runtime.Allocate<double>(2 * total));
            _offsets = Keep(runtime.Allocate<long>(offsets.Length));
            stream.Upload<long>(offsets, _offsets);
            _cells = [Of(row => Cells(shapes[row], 0, axes)), Of(row => Cells(shapes[row], 1, axes))];
            _steps = [[.. Enumerable.Range(1, axes).Select(step => Of(row => After(row, 0, step)))], [.. Enumerable.Range(1, axes).Select(step => Of(row => After(row, 1, step)))]];
        }
        catch
        {
            Dispose();
            throw;
        }

        // Grids of fewer axes have ended before.
        long After(int row, int side, int step) => step <= shapes[row].A.Length ? Cells(shapes[row], side, step) : 0;

        Tiles Of(Func<int, long> count) => Keep(new Tiles(runtime, stream, problems, chosen, chosen.Length, row => Tiles.Of(count(row), Tuning.CostThreads)));
    }

    /// <summary>Lays out the transforms of some rows of a table, all on grids.</summary>
    public static GridSoftMin Of<T>(CudaRuntime runtime, CudaStream stream, CudaTable<T> table, ReadOnlySpan<int> rows)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int[] A, int[] B)[] shapes =
        [
            .. table.Table.Rows.Select(row => table.Table.Geometries[row.Geometry] is GridGeometry<T> grid ? ([.. grid.ShapeA], [.. grid.ShapeB]) : (Array.Empty<int>(), Array.Empty<int>())),
        ];
        return new GridSoftMin(runtime, stream, table.Problems, rows.ToArray(), shapes);
    }

    /// <summary>Loads the kernels, which is no work of a stream that is captured.</summary>
    public static void Load(CudaRuntime runtime)
    {
        foreach (KernelEntry<GridSoftMinArguments> entry in (ReadOnlySpan<KernelEntry<GridSoftMinArguments>>)[Prepare, Axis, Finish])
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
            Work = _work.Address,
            Offsets = _offsets.Address,
            Controls = controls?.Address ?? 0,
            Half = _work.Length / 2,
            Side = own,
            Hard = epsilons is null ? 1 : 0,
            Atoms = atoms,
            Logarithms = logarithms ? 1 : 0,
        };
        Launch(Prepare, _cells[1 - own], 0);
        for (int step = 0; step < _steps[own].Length; step++)
            Launch(Axis, _steps[own][step], step);
        Launch(Finish, _cells[own], 0);

        void Launch(KernelEntry<GridSoftMinArguments> entry, Tiles tiles, int step) =>
            entry.Launch<double>(_runtime, stream, tiles.Total, arguments with { Problems = tiles.Table, Step = step });
    }

    public void Dispose()
    {
        foreach (IDisposable memory in _memory)
            memory.Dispose();
    }

    /// <summary>Values after so many steps towards a side: the last axes have its lengths, the first ones those of the other side.</summary>
    private static long Cells((int[] A, int[] B) shape, int side, int steps)
    {
        long cells = 1;
        for (int axis = 0; axis < shape.A.Length; axis++)
            cells *= (axis >= shape.A.Length - steps) == (side == 0) ? shape.A[axis] : shape.B[axis];
        return cells;
    }

    private TMemory Keep<TMemory>(TMemory memory)
        where TMemory : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }
}

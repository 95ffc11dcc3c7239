using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary>
/// What <see cref="SinkhornPoints"/> needs in device memory for the problems of one table whose exponents are not stored, laid out by shape
/// alone: centred and scaled coordinates, exponents of the atoms, row sums by parts, the blocks of every kernel.
/// </summary>
internal sealed class PointsMemory<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int RowsOfABlock = Tuning.SweepThreads / 32;
    private const int ColumnsOfABlock = 32;
    private readonly List<IDisposable> _memory = [];
    private readonly CudaBuffer<PointsLayout> _layouts;
    private readonly CudaBuffer<double> _means;
    private readonly CudaBuffer<T> _coordinates;
    private readonly CudaBuffer<T> _exponents;
    private readonly CudaBuffer<T> _partials;

    /// <param name="runtime">Memory.</param>
    /// <param name="stream">Uploads the layouts.</param>
    /// <param name="table">The table.</param>
    /// <param name="sweeps">One a problem; those whose exponents are neither stored nor taken along axes have <see cref="SweepLayout.Kernel"/> -1 and parts.</param>
    public PointsMemory(CudaRuntime runtime, CudaStream stream, CudaTable<T> table, SweepLayout[] sweeps)
    {
        ProblemTable<T> problems = table.Table;
        PointsLayout[] layouts = new PointsLayout[sweeps.Length];
        int[] dimensions = new int[sweeps.Length];
        long means = 0;
        long coordinates = 0;
        long partials = 0;
        for (int row = 0; row < sweeps.Length; row++)
        {
            ProblemRow problem = problems.Rows[row];
            dimensions[row] = Unstored(row) ? DimensionOf(problems.Geometries[problem.Geometry]) : 0;
            if (dimensions[row] == 0)
                continue;
            (int parts, int length) = PartsOf(problem.Rows, problem.Columns, dimensions[row]);
            layouts[row] = new PointsLayout
            {
                Means = means,
                CoordinatesA = coordinates,
                CoordinatesB = checked(coordinates + ((long)problem.Rows * dimensions[row])),
                Partials = partials,
                Parts = parts,
                PartColumns = length,
                PartRows = PartsOf(problem.Columns, problem.Rows, dimensions[row]).Length,
            };
            means += dimensions[row];
            coordinates = checked(layouts[row].CoordinatesB + ((long)problem.Columns * dimensions[row]));
            partials += (long)parts * problem.Rows;
        }

        try
        {
            _layouts = Keep(runtime.Allocate<PointsLayout>(layouts.Length));
            _means = Keep(runtime.Allocate<double>(means));
            _coordinates = Keep(runtime.Allocate<T>(coordinates));
            _exponents = Keep(runtime.Allocate<T>(2 * problems.PotentialCount));
            _partials = Keep(runtime.Allocate<T>(partials));
            stream.Upload<PointsLayout>(layouts, _layouts);
            RowTiles = Of(row => Unstored(row) && dimensions[row] == 0 ? sweeps[row].ErrorParts : 0);
            ColumnTiles = Of(row => Unstored(row) && dimensions[row] == 0 ? Tiles.Of(problems.Rows[row].Columns, ColumnsOfABlock) : 0);
            CentreTiles = Of(row => dimensions[row]);
            TakeTiles = Of(row => dimensions[row] == 0 ? 0 : Tiles.Of(problems.Rows[row].Rows, Tuning.PointsThreads) + Tiles.Of(problems.Rows[row].Columns, Tuning.PointsThreads));
            UpdateTiles = Of(row => dimensions[row] == 0 ? 0 : sweeps[row].ErrorParts);
            SumTilesA = Of(row => dimensions[row] == 0 ? 0 : Tiles.Of(problems.Rows[row].Rows, OwnOfABlock(dimensions[row])) * layouts[row].Parts);
            SumTilesB = Of(row => dimensions[row] == 0 ? 0 : Tiles.Of(problems.Rows[row].Columns, OwnOfABlock(dimensions[row])) * sweeps[row].Parts);
        }
        catch
        {
            Dispose();
            throw;
        }

        bool Unstored(int row) => sweeps[row].Kernel < 0 && sweeps[row].Parts > 0;

        Tiles Of(Func<int, long> blocksOf) => Keep(new Tiles(runtime, stream, table.Problems, [], sweeps.Length, blocksOf));
    }

    /// <summary>Of costs that are formed pair by pair: tiles of rows.</summary>
    public Tiles RowTiles { get; }

    /// <summary>Likewise of columns.</summary>
    public Tiles ColumnTiles { get; }

    /// <summary>Of points under the squared Euclidean cost: a block a coordinate.</summary>
    public Tiles CentreTiles { get; }

    /// <summary>Tiles of both sides' atoms.</summary>
    public Tiles TakeTiles { get; }

    /// <summary>Tiles of rows.</summary>
    public Tiles UpdateTiles { get; }

    /// <summary>Tiles of rows times parts of the columns.</summary>
    public Tiles SumTilesA { get; }

    /// <summary>Tiles of columns times parts of the rows.</summary>
    public Tiles SumTilesB { get; }

    /// <summary>The layout of the sweeps of a problem whose exponents are not stored.</summary>
    public static SweepLayout Layout(in ProblemRow problem, Geometry<T> geometry)
    {
        int dimension = DimensionOf(geometry);
        int partRows = dimension == 0 ? RowsOfABlock : Tuning.PointsThreads;
        return new SweepLayout
        {
            Kernel = -1,
            Parts = dimension == 0 ? 1 : PartsOf(problem.Columns, problem.Rows, dimension).Parts,
            ErrorParts = (int)Tiles.Of(problem.Rows, partRows),
            PartRows = partRows,
            ColumnTiles = (int)Tiles.Of(problem.Columns, Tuning.SweepThreads),
        };
    }

    /// <summary>The arguments of a launch over some blocks.</summary>
    public PointsArguments Arguments(SweepArguments sweep, TransportSide side) => new()
    {
        Sweep = sweep,
        Layouts = _layouts.Address,
        Means = _means.Address,
        Coordinates = _coordinates.Address,
        Exponents = _exponents.Address,
        Partials = _partials.Address,
        Side = side == TransportSide.A ? 0 : 1,
    };

    public void Dispose()
    {
        foreach (IDisposable memory in _memory)
            memory.Dispose();
    }

    /// <summary>Of points under the squared Euclidean cost; else 0.</summary>
    private static int DimensionOf(Geometry<T> geometry) => geometry switch
    {
        PointCloudGeometry<T> { Cost.Kind: CostKind.SquaredEuclidean } points => points.Dimension,
        DeviceGeometry<T> { Problem: { Geometry: DeviceGeometryKind.Points, Cost: CostKind.SquaredEuclidean } } device => device.Problem.Dimension,
        _ => 0,
    };

    /// <summary>Atoms whose sums one block makes: as the kernel has it.</summary>
    private static unsafe int OwnOfABlock(int dimension) => (sizeof(T) == sizeof(float) && dimension <= Tuning.PointsFewDimensions ? 4 : 2) * Tuning.PointsThreads;

    /// <summary>Parts of the other side's atoms, and how long they are: enough for blocks to fill a device, each with some tiles of its own.</summary>
    private static (int Parts, int Length) PartsOf(int own, int other, int dimension)
    {
        long parts = Math.Clamp(Tuning.PointsBlocks / Tiles.Of(own, OwnOfABlock(dimension)), 1, Tiles.Of(other, Tuning.PointsLeastPart));
        int length = (int)Tiles.Of(Tiles.Of(other, (int)parts), Tuning.PointsTile) * Tuning.PointsTile;
        return ((int)Tiles.Of(other, length), length);
    }

    private TMemory Keep<TMemory>(TMemory memory)
        where TMemory : IDisposable
    {
        _memory.Add(memory);
        return memory;
    }
}

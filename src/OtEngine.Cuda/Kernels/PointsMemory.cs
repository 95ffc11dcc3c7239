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

    private readonly CudaRuntime _runtime;
    private readonly List<IDisposable> _memory = [];
    private readonly CudaBuffer<PointsLayout> _layouts;
    private readonly CudaBuffer<double> _means;
    private readonly CudaBuffer<T> _coordinates;
    private readonly CudaBuffer<T> _exponents;
    private readonly CudaBuffer<T> _partials;
    private readonly CudaBuffer<double> _norms;

    /// <param name="runtime">Memory.</param>
    /// <param name="stream">Uploads the layouts.</param>
    /// <param name="table">The table.</param>
    /// <param name="sweeps">One a problem; those whose exponents are neither stored nor taken along axes have <see cref="SweepLayout.Kernel"/> -1 and parts.</param>
    public PointsMemory(CudaRuntime runtime, CudaStream stream, CudaTable<T> table, SweepLayout[] sweeps)
    {
        _runtime = runtime;
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
            bool products = ByProducts(runtime, dimensions[row]);
            int own = OwnOfABlock(dimensions[row], products);
            (int parts, int length) = PartsOf(problem.Rows, problem.Columns, own);
            layouts[row] = new PointsLayout
            {
                Means = means,
                CoordinatesA = coordinates,
                CoordinatesB = checked(coordinates + Coordinates(problem.Rows, dimensions[row], products)),
                Partials = partials,
                Parts = parts,
                PartColumns = length,
                PartRows = PartsOf(problem.Columns, problem.Rows, own).Length,
                Products = products ? 1 : 0,
            };
            means += dimensions[row];
            coordinates = checked(layouts[row].CoordinatesB + Coordinates(problem.Columns, dimensions[row], products));
            partials += (long)parts * problem.Rows;
        }

        try
        {
            _layouts = Keep(runtime.Allocate<PointsLayout>(layouts.Length));
            _means = Keep(runtime.Allocate<double>(means));
            _coordinates = Keep(runtime.Allocate<T>(coordinates));
            _exponents = Keep(runtime.Allocate<T>(2 * problems.PotentialCount));
            _partials = Keep(runtime.Allocate<T>(partials));
            _norms = Keep(runtime.Allocate<double>(Array.Exists(layouts, layout => layout.Products != 0) ? problems.PotentialCount : 0));
            stream.Upload<PointsLayout>(layouts, _layouts);

            // Products run past the last atom and coordinate of a side, into zeros.
            stream.Clear(_coordinates, 0, coordinates);
            RowTiles = Of(row => Unstored(row) && dimensions[row] == 0 ? sweeps[row].ErrorParts : 0);
            ColumnTiles = Of(row => Unstored(row) && dimensions[row] == 0 ? Tiles.Of(problems.Rows[row].Columns, ColumnsOfABlock) : 0);
            CentreTiles = Of(row => dimensions[row]);
            TakeTiles = Of(row => Takes(row, products: 0));
            ProductsTakeTiles = Of(row => Takes(row, products: 1));
            UpdateTiles = Of(row => dimensions[row] == 0 ? 0 : sweeps[row].ErrorParts);
            SumTilesA = Of(row => Sums(row, problems.Rows[row].Rows, layouts[row].Parts, products: 0));
            SumTilesB = Of(row => Sums(row, problems.Rows[row].Columns, sweeps[row].Parts, products: 0));
            ProductsTilesA = Of(row => Sums(row, problems.Rows[row].Rows, layouts[row].Parts, products: 1));
            ProductsTilesB = Of(row => Sums(row, problems.Rows[row].Columns, sweeps[row].Parts, products: 1));
        }
        catch
        {
            Dispose();
            throw;
        }

        bool Unstored(int row) => sweeps[row].Kernel < 0 && sweeps[row].Parts > 0;

        bool Is(int row, int products) => dimensions[row] > 0 && layouts[row].Products == products;

        long Takes(int row, int products) =>
            Is(row, products) ? Tiles.Of(problems.Rows[row].Rows, Tuning.PointsThreads) + Tiles.Of(problems.Rows[row].Columns, Tuning.PointsThreads) : 0;

        long Sums(int row, int atoms, int parts, int products) =>
            Is(row, products) ? Tiles.Of(atoms, OwnOfABlock(dimensions[row], products != 0)) * parts : 0;

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

    /// <summary>The same where inner products are made on tensor cores.</summary>
    public Tiles ProductsTakeTiles { get; }

    /// <summary>Tiles of rows.</summary>
    public Tiles UpdateTiles { get; }

    /// <summary>Tiles of rows times parts of the columns.</summary>
    public Tiles SumTilesA { get; }

    /// <summary>Tiles of columns times parts of the rows.</summary>
    public Tiles SumTilesB { get; }

    /// <summary>Tiles of rows times parts of the columns, where inner products are made on tensor cores.</summary>
    public Tiles ProductsTilesA { get; }

    /// <summary>Tiles of columns times parts of the rows, likewise.</summary>
    public Tiles ProductsTilesB { get; }

    /// <summary>The layout of the sweeps of a problem whose exponents are not stored.</summary>
    public static SweepLayout Layout(CudaRuntime runtime, in ProblemRow problem, Geometry<T> geometry)
    {
        int dimension = DimensionOf(geometry);
        int partRows = dimension == 0 ? RowsOfABlock : Tuning.PointsThreads;
        return new SweepLayout
        {
            Kernel = -1,
            Parts = dimension == 0 ? 1 : PartsOf(problem.Columns, problem.Rows, OwnOfABlock(dimension, ByProducts(runtime, dimension))).Parts,
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
        Norms = _norms.Address,
        Strict = _runtime.Options.Precision == CudaPrecision.Strict ? 1 : 0,
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

    /// <summary>Whether inner products are made on tensor cores: in float, in more dimensions than are kept in registers, where the device has them.</summary>
    private static bool ByProducts(CudaRuntime runtime, int dimension) =>
        typeof(T) == typeof(float) && dimension > Tuning.PointsFewDimensions && runtime.Limits.Capability >= Tuning.TensorCoresFrom;

    /// <summary>Atoms whose sums one block makes: as the kernels have it.</summary>
    private static int OwnOfABlock(int dimension, bool products) =>
        products ? Tuning.ProductsOwn : (typeof(T) == typeof(float) && dimension <= Tuning.PointsFewDimensions ? 4 : 2) * Tuning.PointsThreads;

    /// <summary>
    /// Numbers of the coordinates of one side: for products in whole blocks of atoms and whole depths. Always whole fours, which products read
    /// at once wherever a side begins.
    /// </summary>
    private static long Coordinates(int atoms, int dimension, bool products) => products
        ? checked(Tiles.Of(atoms, Tuning.ProductsOwn) * Tuning.ProductsOwn * Tiles.Of(dimension, Tuning.ProductsDepth) * Tuning.ProductsDepth)
        : Tiles.Of((long)atoms * dimension, 4) * 4;

    /// <summary>Parts of the other side's atoms, and how long they are: enough for blocks to fill a device, each with some tiles of its own.</summary>
    private static (int Parts, int Length) PartsOf(int own, int other, int ownOfABlock)
    {
        long parts = Math.Clamp(Tuning.PointsBlocks / Tiles.Of(own, ownOfABlock), 1, Tiles.Of(other, Tuning.PointsLeastPart));
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

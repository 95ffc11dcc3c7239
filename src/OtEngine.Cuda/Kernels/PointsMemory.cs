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
    private readonly ProblemTable<T> _problems;
    private readonly SweepLayout[] _sweeps;
    private readonly PointsLayout[] _hostLayouts;
    private readonly int[] _dimensions;
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
        _sweeps = sweeps;
        ProblemTable<T> problems = _problems = table.Table;
        PointsLayout[] layouts = _hostLayouts = new PointsLayout[sweeps.Length];
        int[] dimensions = _dimensions = new int[sweeps.Length];
        long means = 0;
        long coordinates = 0;
        long partials = 0;
        for (int row = 0; row < sweeps.Length; row++)
        {
            ProblemRow problem = problems.Rows[row];
            dimensions[row] = IsUnstored(sweeps[row]) ? DimensionOf(problems.Geometries[problem.Geometry]) : 0;
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
            CentreTiles = Keep(new Tiles(runtime, stream, table.Problems, [], sweeps.Length, row => dimensions[row]));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Of points under the squared Euclidean cost: a block a coordinate.</summary>
    public Tiles CentreTiles { get; }

    /// <summary>The blocks of the problems of a wave, each in the kernels that serve it.</summary>
    /// <param name="of">Shares out the blocks that a row of the table has among those of the wave.</param>
    public PointsTiles TilesOf(Func<Func<int, long>, Tiles> of)
    {
        return new PointsTiles
        {
            Rows = of(row => IsByPairs(row) ? _sweeps[row].ErrorParts : 0),
            Columns = of(row => IsByPairs(row) ? Tiles.Of(_problems.Rows[row].Columns, ColumnsOfABlock) : 0),
            Take = of(row => Takes(row, products: 0)),
            ProductsTake = of(row => Takes(row, products: 1)),
            Update = of(row => _dimensions[row] == 0 ? 0 : _sweeps[row].ErrorParts),
            SumsA = of(row => Sums(row, _problems.Rows[row].Rows, _hostLayouts[row].Parts, products: 0)),
            SumsB = of(row => Sums(row, _problems.Rows[row].Columns, _sweeps[row].Parts, products: 0)),
            ProductsA = of(row => Sums(row, _problems.Rows[row].Rows, _hostLayouts[row].Parts, products: 1)),
            ProductsB = of(row => Sums(row, _problems.Rows[row].Columns, _sweeps[row].Parts, products: 1)),
        };

        bool IsByPairs(int row) => IsUnstored(_sweeps[row]) && _dimensions[row] == 0;

        bool Is(int row, int products) => _dimensions[row] > 0 && _hostLayouts[row].Products == products;

        long Takes(int row, int products) =>
            Is(row, products) ? Tiles.Of(_problems.Rows[row].Rows, Tuning.PointsThreads) + Tiles.Of(_problems.Rows[row].Columns, Tuning.PointsThreads) : 0;

        long Sums(int row, int atoms, int parts, int products) =>
            Is(row, products) ? Tiles.Of(atoms, OwnOfABlock(_dimensions[row], products != 0)) * parts : 0;
    }

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

    private static bool IsUnstored(SweepLayout sweep) => sweep is { Kernel: < 0, Parts: > 0 };

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

using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Kernels;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda;

/// <summary>
/// A table in device memory: each geometry once, the shares of the weights and their logarithms, and the problems resolved to addresses. Atoms
/// without mass stay in their places, with a share of zero.
/// </summary>
internal sealed class CudaTable<T> : LoadedTable<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly CudaRuntime _runtime;
    private readonly List<IDisposable> _memory = [];
    private readonly CudaBuffer<double> _shares;
    private readonly CudaBuffer<double> _logShares;
    private readonly CudaBuffer<DeviceProblem> _problems;
    private SweepMemory<T>? _sweeps;

    public CudaTable(CudaRuntime runtime, ProblemTable<T> table)
        : base(table)
    {
        _runtime = runtime;
        try
        {
            _shares = Keep(runtime.Allocate<double>(table.PotentialCount));
            _logShares = Keep(runtime.Allocate<double>(table.PotentialCount));
            _problems = Keep(runtime.Allocate<DeviceProblem>(table.Rows.Length));
            DeviceProblem[] geometries = new DeviceProblem[table.Geometries.Length];
            for (int k = 0; k < geometries.Length; k++)
                geometries[k] = Upload(table.Geometries[k]);
            DeviceProblem[] problems = new DeviceProblem[table.Rows.Length];
            for (int row = 0; row < problems.Length; row++)
                problems[row] = Resolve(table.Rows[row], geometries[table.Rows[row].Geometry]);
            _problems.CopyFrom(problems, 0);
            Refresh();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The address of the problems.</summary>
    public ulong Problems => _problems.Address;

    /// <summary>Whether a row is on a grid.</summary>
    public bool IsGrid(int row) => Table.Geometries[Table.Rows[row].Geometry] is GridGeometry<T>;

    /// <summary>Whether the plan of a row is read along the axes of its grid, and not pair by pair; by its shape alone.</summary>
    public bool GoesAlongAxes(int row) => IsGrid(row) && (long)Table.Rows[row].Rows * Table.Rows[row].Columns >= _runtime.Options.PairsAlongAxes;

    /// <summary>What sweeps over this table need, made when first asked for.</summary>
    public SweepMemory<T> Sweeps(CudaStream stream, long costMatrixBudget) => _sweeps ??= Keep(new SweepMemory<T>(_runtime, stream, this, costMatrixBudget));

    /// <summary>The least share of an atom with mass, of either side.</summary>
    public double LeastShare(int row)
    {
        ProblemRow problem = Table.Rows[row];
        double least = 1;
        foreach (double share in HostShares.AsSpan((int)problem.PotentialsA, problem.Rows))
            least = share > 0 ? Math.Min(least, share) : least;
        foreach (double share in HostShares.AsSpan((int)problem.PotentialsB, problem.Columns))
            least = share > 0 ? Math.Min(least, share) : least;
        return least;
    }

    /// <summary>The first row on a geometry; -1 if there is none.</summary>
    public int FirstRowOn(int geometry)
    {
        for (int row = 0; row < Table.Rows.Length; row++)
        {
            if (Table.Rows[row].Geometry == geometry)
                return row;
        }

        return -1;
    }

    /// <summary>Tiles for all rows of the table.</summary>
    public Tiles TilesOf(CudaStream stream, Func<ProblemRow, long> blocksOf) =>
        new(_runtime, stream, Problems, [], Table.Rows.Length, row => blocksOf(Table.Rows[row]));

    /// <summary>Tiles for some rows of the table.</summary>
    public Tiles TilesOf(CudaStream stream, ReadOnlySpan<int> chosen, Func<ProblemRow, long> blocksOf) =>
        new(_runtime, stream, Problems, chosen, chosen.Length, row => blocksOf(Table.Rows[row]));

    /// <summary>The shares on the host, by the offsets of the potentials: those of side a, then those of side b of a row.</summary>
    public double[] HostShares { get; private set; } = [];

    public override void Refresh()
    {
        double[] shares = new double[Table.PotentialCount];
        foreach (ProblemRow row in Table.Rows)
        {
            Share(Table.WeightsA(row), shares.AsSpan((int)row.PotentialsA, row.Rows));
            Share(Table.WeightsB(row), shares.AsSpan((int)row.PotentialsB, row.Columns));
        }

        HostShares = shares;
        _shares.CopyFrom(shares, 0);
        _logShares.CopyFrom(Array.ConvertAll(shares, Math.Log2), 0);
    }

    public override void Dispose()
    {
        foreach (IDisposable memory in _memory)
            memory.Dispose();
        _memory.Clear();
    }

    /// <summary>Weights over their compensated total; one that underflows is no mass at all.</summary>
    private static void Share(ReadOnlySpan<T> weights, Span<double> shares)
    {
        CompensatedSum total = default;
        foreach (T weight in weights)
            total.Add(double.CreateTruncating(weight));
        for (int k = 0; k < weights.Length; k++)
            shares[k] = double.CreateTruncating(weights[k]) / total.Value;
    }

    private DeviceProblem Resolve(in ProblemRow row, DeviceProblem geometry)
    {
        geometry.Rows = row.Rows;
        geometry.Columns = row.Columns;
        geometry.A = _shares.AddressAt(row.PotentialsA);
        geometry.B = _shares.AddressAt(row.PotentialsB);
        geometry.LogA = _logShares.AddressAt(row.PotentialsA);
        geometry.LogB = _logShares.AddressAt(row.PotentialsB);
        geometry.PotentialsA = row.PotentialsA;
        geometry.PotentialsB = row.PotentialsB;
        return geometry;
    }

    private DeviceProblem Upload(Geometry<T> geometry)
    {
        switch (geometry)
        {
            case DeviceGeometry<T> device:
                return device.Problem;
            case BufferGeometry<T> buffer:
                return new DeviceProblem { Geometry = DeviceGeometryKind.Dense, Costs = ((CudaBuffer<T>)buffer.Costs).AddressAt(buffer.Offset) };
            case DenseGeometry<T> dense:
                return new DeviceProblem { Geometry = DeviceGeometryKind.Dense, Costs = Upload<T>(dense.Costs) };
            case PointCloudGeometry<T> points when points.Cost.Kind == CostKind.Cosine:
                return Points(points, Upload<double>(Directions(points.X, points.Dimension)), Upload<double>(Directions(points.Y, points.Dimension)), wide: 1);
            case PointCloudGeometry<T> points:
                return Points(points, Upload<T>(points.X), Upload<T>(points.Y), wide: 0);
            case GridGeometry<T> grid:
                return new DeviceProblem { Geometry = DeviceGeometryKind.Grid, Grid = Upload(grid) };
            default:
                Throw.Unsupported($"The geometry {geometry.GetType().Name} has no place on a device.");
                return default;
        }
    }

    private static DeviceProblem Points(PointCloudGeometry<T> points, ulong x, ulong y, int wide) => new()
    {
        Geometry = DeviceGeometryKind.Points,
        Cost = points.Cost.Kind,
        Dimension = points.Dimension,
        Norm = points.Cost.Norm,
        Exponent = points.Cost.Exponent,
        X = x,
        Y = y,
        Wide = wide,
    };

    private unsafe ulong Upload(GridGeometry<T> grid)
    {
        DeviceGrid description = new() { Axes = grid.ShapeA.Length };
        for (int axis = 0; axis < grid.ShapeA.Length; axis++)
        {
            description.ShapeA[axis] = grid.ShapeA[axis];
            description.ShapeB[axis] = grid.ShapeB[axis];
            description.Costs[axis] = Upload<double>(grid.AxisCosts[axis]);
        }

        return Upload<DeviceGrid>([description]);
    }

    private ulong Upload<TElement>(ReadOnlySpan<TElement> elements)
        where TElement : unmanaged
    {
        CudaBuffer<TElement> buffer = Keep(_runtime.Allocate<TElement>(elements.Length));
        buffer.CopyFrom(elements, 0);
        return buffer.Address;
    }

    /// <summary>Points scaled to length one in double, each first divided by its largest coordinate, as on the CPU.</summary>
    private static double[] Directions(ReadOnlySpan<T> points, int dimension)
    {
        double[] directions = new double[points.Length];
        for (int i = 0; i < points.Length; i += dimension)
        {
            double largest = 0;
            for (int k = i; k < i + dimension; k++)
                largest = Math.Max(largest, Math.Abs(double.CreateTruncating(points[k])));
            double square = 0;
            for (int k = i; k < i + dimension; k++)
            {
                directions[k] = double.CreateTruncating(points[k]) / largest;
                square = Math.FusedMultiplyAdd(directions[k], directions[k], square);
            }

            double length = Math.Sqrt(square);
            for (int k = i; k < i + dimension; k++)
                directions[k] /= length;
        }

        return directions;
    }

    private TBuffer Keep<TBuffer>(TBuffer buffer)
        where TBuffer : IDisposable
    {
        _memory.Add(buffer);
        return buffer;
    }
}

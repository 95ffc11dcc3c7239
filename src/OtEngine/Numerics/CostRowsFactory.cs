using System.Numerics;

namespace OtEngine;

/// <summary>
/// Turns a dense, point or grid geometry, restricted to some of its atoms, into cost rows and hands them to generic work.
/// Keeps its copies between calls, so that small problems in a row allocate nothing.
/// </summary>
internal sealed class CostRowsFactory<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Up to this dimension computing a cost takes no longer than loading it from memory beyond the cache.</summary>
    private const int DimensionCheaperThanMemory = 4;

    /// <summary>Coordinates of the columns stored together: 32 KB of doubles, which stay in the first cache from row to row.</summary>
    private const int TileCoordinates = 1 << 12;

    private const int MinTileColumns = 64;

    /// <summary>Stored costs from which on the memory is not held between calls: 4 MiB.</summary>
    private const int LargeMatrix = 1 << 19;

    private T[] _costs = [];
    private double[] _stored = [];

    /// <summary>The geometry whose costs, of all its atoms, are the stored ones; null if they are of some atoms only.</summary>
    private Geometry<T>? _storedGeometry;

    private double[] _x = [];
    private double[] _y = [];

    /// <summary>Hands over the rows of the atoms listed, in the order listed.</summary>
    /// <param name="geometry">Dense, points or a grid.</param>
    /// <param name="sources">Row indices, increasing.</param>
    /// <param name="sinks">Column indices, increasing.</param>
    /// <param name="storeBudget">
    /// Bytes that may be spent on storing costs that are computed; 0 computes them on the fly. Costs stored for all atoms of a geometry serve
    /// its next uses too.
    /// </param>
    /// <param name="user">The work.</param>
    /// <param name="cancellation">Watched at every row that is stored.</param>
    public void Use<TUser>(
        Geometry<T> geometry, ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks, long storeBudget, ref TUser user, CancellationToken cancellation)
        where TUser : struct, ICostRowsUser
    {
        if (storeBudget > 0 && ReferenceEquals(_storedGeometry, geometry) && sources.Length == geometry.Rows && sinks.Length == geometry.Columns)
        {
            user.Use(new DenseCostRows<double>(_stored, sources.Length, sinks.Length));
            return;
        }

        switch (geometry)
        {
            case DenseGeometry<T> dense:
                user.Use(Dense(dense, sources, sinks, cancellation));
                break;
            case BufferGeometry<T> buffer:
                UseBuffer(buffer, sources, sinks, ref user, cancellation);
                break;
            case GridGeometry<T> grid:
                GridCostRows onGrid = OnGrid(grid, sources, sinks);
                if (IsAffordable(sources.Length, sinks.Length, storeBudget))
                    user.Use(Store(onGrid, grid.AxisCosts.Length, geometry, cancellation));
                else
                    user.Use(onGrid);
                break;
            case PointCloudGeometry<T> points:
                PointsUser<TUser> pointsUser = new(this, points, sources, sinks, storeBudget, ref user, cancellation);
                GroundCosts.Use(points.Cost, ref pointsUser);
                break;
            default:
                Throw.Unsupported($"The geometry {geometry.GetType().Name} has no cost rows.");
                break;
        }
    }

    /// <summary>
    /// Hands over the rows of the atoms listed for work that reads few costs of each: no costs of points, grids or dense matrices are stored or
    /// copied, only coordinates and the places of the atoms, and loading many costs is slower than from the rows of <see cref="Use"/>. Of a buffer
    /// some of whose atoms are left out the costs are copied, as there.
    /// </summary>
    public void UseFew<TUser>(Geometry<T> geometry, ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks, ref TUser user, CancellationToken cancellation)
        where TUser : struct, ICostRowsUser
    {
        if (geometry is DenseGeometry<T> dense && (sources.Length != geometry.Rows || sinks.Length != geometry.Columns))
            user.Use(new ChosenCostRows<T>(dense.Costs, dense.Columns, sources.ToArray(), sinks.ToArray()));
        else
            Use(geometry, sources, sinks, 0, ref user, cancellation);
    }

    /// <summary>Hands over the points listed with their coordinates, one side's as the rows: for work that needs more of them than their costs.</summary>
    public void UsePoints<TUser>(
        PointCloudGeometry<T> geometry, TransportSide rowSide, ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks, ref TUser user)
        where TUser : struct, IPointRowsUser
    {
        CoordinatesUser<TUser> coordinates = new(this, geometry, rowSide, sources, sinks, ref user);
        GroundCosts.Use(geometry.Cost, ref coordinates);
    }

    /// <summary>Lets the next solve have the memory of stored costs; the factory may go on.</summary>
    public void Release()
    {
        _storedGeometry = null;
        SpareMatrix.Give(_stored);
        _stored = [];
    }

    /// <summary>Bytes of the copies that are kept.</summary>
    public unsafe long HeldBytes => ((long)_costs.Length * sizeof(T)) + (sizeof(double) * ((long)_stored.Length + _x.Length + _y.Length));

    /// <summary>
    /// Forgets whose costs are stored: the next use may be of another call, and arrays that a caller wrapped may have changed. A large
    /// matrix goes to whoever needs one next.
    /// </summary>
    public void Forget()
    {
        _storedGeometry = null;
        if (_stored.Length >= LargeMatrix)
            Release();
    }

    /// <summary>Bytes that the stored costs of all atoms of a geometry take; 0 if they are not stored.</summary>
    public long StoredBytes(Geometry<T> geometry) =>
        ReferenceEquals(_storedGeometry, geometry) ? sizeof(double) * (long)geometry.Rows * geometry.Columns : 0;

    private DenseCostRows<T> Dense(
        DenseGeometry<T> geometry, ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks, CancellationToken cancellation)
    {
        if (sources.Length == geometry.Rows && sinks.Length == geometry.Columns)
            return new DenseCostRows<T>(geometry.Costs, sources.Length, sinks.Length);
        T[] costs = ExactScratch.Grow(ref _costs, sources.Length * sinks.Length);
        int next = 0;
        foreach (int i in sources)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<T> row = geometry.Costs.AsSpan(i * geometry.Columns, geometry.Columns);
            foreach (int j in sinks)
                costs[next++] = row[j];
        }

        return new DenseCostRows<T>(costs, sources.Length, sinks.Length);
    }

    private unsafe void UseBuffer<TUser>(
        BufferGeometry<T> geometry, ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks, ref TUser user, CancellationToken cancellation)
        where TUser : struct, ICostRowsUser
    {
        T* start = ((HostBuffer<T>)geometry.Costs).Start + geometry.Offset;
        if (sources.Length == geometry.Rows && sinks.Length == geometry.Columns)
        {
            user.Use(new BufferCostRows<T>(start, geometry.Rows, geometry.Columns));
            return;
        }

        T[] costs = ExactScratch.Grow(ref _costs, Sizes.Product("The costs between atoms with mass", sources.Length, sinks.Length, "use fewer atoms"));
        int next = 0;
        foreach (int i in sources)
        {
            cancellation.ThrowIfCancellationRequested();
            T* row = start + ((long)i * geometry.Columns);
            foreach (int j in sinks)
                costs[next++] = row[j];
        }

        user.Use(new DenseCostRows<T>(costs, sources.Length, sinks.Length));
    }

    private void UsePoints<TCost, TUser>(
        PointCloudGeometry<T> geometry,
        TCost cost,
        ReadOnlySpan<int> sources,
        ReadOnlySpan<int> sinks,
        long storeBudget,
        ref TUser user,
        CancellationToken cancellation)
        where TCost : struct, IGroundCost
        where TUser : struct, ICostRowsUser
    {
        int d = geometry.Dimension;
        PointCostRows<TCost> rows = Points(geometry, TransportSide.A, cost, sources, sinks);
        bool cheap = d <= DimensionCheaperThanMemory && geometry.Cost.Kind != CostKind.PNorm;
        if (!cheap && IsAffordable(rows.Rows, rows.Columns, storeBudget))
            user.Use(Store(rows, d, geometry, cancellation));
        else
            user.Use(rows);
    }

    /// <summary>Lays out the points listed, one side's as the rows.</summary>
    private PointCostRows<TCost> Points<TCost>(
        PointCloudGeometry<T> geometry, TransportSide rowSide, TCost cost, ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks)
        where TCost : struct, IGroundCost
    {
        (T[] rowPoints, T[] columnPoints) = rowSide == TransportSide.A ? (geometry.X, geometry.Y) : (geometry.Y, geometry.X);
        int d = geometry.Dimension;
        int n = sources.Length;
        int m = sinks.Length;
        bool unitLength = geometry.Cost.Kind == CostKind.Cosine;
        double[] x = ExactScratch.Grow(ref _x, Sizes.Product("The points of side a in double", n, d, "use fewer points or coordinates"));
        int stride = PointCostRows<TCost>.Stride(m);
        double[] y = ExactScratch.Grow(ref _y, Sizes.Product("The points of side b in double", stride, d, "use fewer points or coordinates"));
        for (int k = 0; k < n; k++)
            PointCoordinates.Copy<T>(rowPoints.AsSpan(sources[k] * d, d), x.AsSpan(k * d, d), 1, unitLength);
        for (int k = 0; k < m; k++)
            PointCoordinates.Copy<T>(columnPoints.AsSpan(sinks[k] * d, d), y.AsSpan(k), stride, unitLength);
        for (int c = 0; c < d; c++)
            y.AsSpan((c * stride) + m, stride - m).Clear();
        return new PointCostRows<TCost>(cost, x, y, n, m, d);
    }

    private static bool IsAffordable(int rows, int columns, long storeBudget) =>
        (long)rows * columns <= Math.Min(storeBudget / sizeof(double), Array.MaxLength);

    private static GridCostRows OnGrid(GridGeometry<T> geometry, ReadOnlySpan<int> sources, ReadOnlySpan<int> sinks) => new(
        geometry.AxisCosts,
        AlongAxes(sources, geometry.ShapeA.AsSpan(), geometry.ShapeB.AsSpan()),
        AlongAxes(sinks, geometry.ShapeB.AsSpan(), []));

    /// <summary>The index of each cell along each axis, times a step of that axis if there are any.</summary>
    private static int[][] AlongAxes(ReadOnlySpan<int> cells, ReadOnlySpan<int> shape, ReadOnlySpan<int> steps)
    {
        int[][] indices = new int[shape.Length][];
        int inner = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            int step = steps.IsEmpty ? 1 : steps[axis];
            int[] along = new int[cells.Length];
            for (int k = 0; k < along.Length; k++)
                along[k] = cells[k] / inner % shape[axis] * step;
            indices[axis] = along;
            inner *= shape[axis];
        }

        return indices;
    }

    /// <summary>The verb CostMatrix on the CPU: C from points or axes; kept for the next use if it is of all atoms.</summary>
    private DenseCostRows<double> Store<TRows>(in TRows rows, int coordinates, Geometry<T> geometry, CancellationToken cancellation)
        where TRows : struct, ICostRows
    {
        _storedGeometry = null;
        int length = rows.Rows * rows.Columns;
        if (_stored.Length < length)
            _stored = SpareMatrix.Take(length);
        double[] costs = _stored;
        int tile = Math.Max(TileCoordinates / coordinates, MinTileColumns);
        for (int column = 0; column < rows.Columns; column += tile)
        {
            ColumnRange<TRows> range = new(rows, column, Math.Min(tile, rows.Columns - column));
            for (int i = 0; i < rows.Rows; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                CostRowsOperations.CopyRow(range, i, costs.AsSpan((i * rows.Columns) + column, range.Columns));
            }
        }

        _storedGeometry = rows.Rows == geometry.Rows && rows.Columns == geometry.Columns ? geometry : null;
        return new DenseCostRows<double>(costs, rows.Rows, rows.Columns);
    }

    private readonly ref struct PointsUser<TUser>(
        CostRowsFactory<T> factory,
        PointCloudGeometry<T> geometry,
        ReadOnlySpan<int> sources,
        ReadOnlySpan<int> sinks,
        long storeBudget,
        ref TUser user,
        CancellationToken cancellation)
        : IGroundCostUser
        where TUser : struct, ICostRowsUser
    {
        private readonly ReadOnlySpan<int> _sources = sources;
        private readonly ReadOnlySpan<int> _sinks = sinks;
        private readonly ref TUser _user = ref user;

        public void Use<TCost>(TCost cost)
            where TCost : struct, IGroundCost => factory.UsePoints(geometry, cost, _sources, _sinks, storeBudget, ref _user, cancellation);
    }

    private readonly ref struct CoordinatesUser<TUser>(
        CostRowsFactory<T> factory,
        PointCloudGeometry<T> geometry,
        TransportSide rowSide,
        ReadOnlySpan<int> sources,
        ReadOnlySpan<int> sinks,
        ref TUser user)
        : IGroundCostUser
        where TUser : struct, IPointRowsUser
    {
        private readonly ReadOnlySpan<int> _sources = sources;
        private readonly ReadOnlySpan<int> _sinks = sinks;
        private readonly ref TUser _user = ref user;

        public void Use<TCost>(TCost cost)
            where TCost : struct, IGroundCost => _user.Use(factory.Points(geometry, rowSide, cost, _sources, _sinks));
    }
}

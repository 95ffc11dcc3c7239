using System.Numerics;
using System.Runtime.CompilerServices;
using OtEngine.Cli.Pairwise;

namespace OtEngine.Cli.Bench;

/// <summary>
/// The rows on the CPU. One thread. A sweep is one of Sinkhorn, both potentials, on n x n stored costs
/// (dense) or between n and n points whose costs are computed as they are needed; images are of 8 x 8 pixels; exact problems are between
/// n and n points; weights are uneven.
/// </summary>
internal sealed class CoreSuite : BenchSuite
{
    private const int Pairs = 500;
    private const int ImageCount = 200;
    private const int ImageSweeps = 100;

    // More than the kernel that is always kept has room for.
    private const int PointCount = 1200;
    private readonly Engine _engine = Engine.Create(options => options.Threads = 1);
    private readonly Engine _storingNothing = Engine.Create(options => (options.Threads, options.CostMatrixBudget) = (1, 0));
    private readonly AssignmentWorkspace _assignment = new();
    private readonly List<IDisposable> _workspaces = [];
    private readonly BenchInputs _inputs;

    /// <summary>Lists the rows.</summary>
    /// <param name="isFull">Larger problems too.</param>
    /// <param name="seed">Seed of the inputs.</param>
    public CoreSuite(bool isFull, int seed)
    {
        _inputs = new BenchInputs(seed);
        List<BenchRow> rows = [];
        foreach (int count in isFull ? [64, 512, 2000, 5000] : (int[])[64, 512, 2000])
            AddBoth(rows, $"sweep, dense {count}", "sweep", () => Dense<float>(count), () => Dense<double>(count));
        foreach (int dimension in (int[])[2, 64])
            AddBoth(rows, $"sweep, points {PointCount} d {dimension}", "sweep", () => Points<float>(dimension), () => Points<double>(dimension));
        rows.Add(new BenchRow("sweep, grid 256 x 256", "float64", "sweep", Grid));
        AddBoth(rows, "64 x 64, 100 sweeps", "problem", Call<float>, Call<double>);
        AddBoth(rows, "image pair, 100 sweeps", "problem", EntropicImages<float>, EntropicImages<double>);
        rows.Add(new BenchRow("image pair, exact", "float64", "problem", ExactImages));
        foreach (int count in isFull ? [1000, 2000, 5000] : (int[])[1000, 2000])
            rows.Add(new BenchRow($"exact {count} d 2", "float64", "problem", () => Exact(count, 2)));
        if (isFull)
            rows.Add(new BenchRow("exact 2000 d 64", "float64", "problem", () => Exact(2000, 64)));
        rows.Add(new BenchRow("assignment 1000", "float64", "problem", () => Assignment(1000)));
        rows.Add(new BenchRow("line 1,000,000", "float64", "problem", () => Line(1_000_000)));
        AddBoth(rows, "sliced 2000 d 16, 50 directions", "problem", () => Slices<float>(2000), () => Slices<double>(2000));
        Rows = rows;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchRow> Rows { get; }

    /// <inheritdoc/>
    public override string About =>
        "One thread. A sweep is one of Sinkhorn, both potentials, on n x n stored costs (dense) or between n and n points whose costs are\n"
        + "computed as they are needed; images are of 8 x 8 pixels; exact problems are between n and n points; weights are uneven.\n"
        + "Times are medians, of a sweep without what its call does besides. A share is the least time that the limits below,\n"
        + "measured in the same run, leave for the work that a unit cannot do without, over the time it took; what is counted stands beside\n"
        + "each row in `CoreSuite.cs`. Other work on the machine lowers shares: compare them within one run.\n";

    /// <inheritdoc/>
    public override void Dispose()
    {
        _assignment.Dispose();
        foreach (IDisposable workspace in _workspaces)
            workspace.Dispose();
        _storingNothing.Dispose();
        _engine.Dispose();
    }

    private static void AddBoth(List<BenchRow> rows, string name, string unit, Func<BenchTask> single, Func<BenchTask> @double)
    {
        rows.Add(new BenchRow(name, "float32", unit, single));
        rows.Add(new BenchRow(name, "float64", unit, @double));
    }

    private static Sinkhorn Plain(int sweeps, double? epsilon = null) => new() { Tolerance = 0, MaxIterations = sweeps, Epsilon = epsilon };

    /// <summary>
    /// While scalings stay near one, a sweep has no exponential: it reads the kept E once (its second use is in the first cache) and does
    /// two multiply-adds an entry.
    /// </summary>
    private BenchTask Dense<T>(int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        DenseGeometry<T> geometry = new(_inputs.PlaneCosts<T>(1, count), count, count);
        double entries = (double)count * count;
        BenchWork work = new() { Bytes = entries * Unsafe.SizeOf<T>(), MultiplyAdds = 2 * entries };
        int sweeps = Math.Max(10, (int)(4e7 / entries));
        return new BenchTask(Sweeps<T>(_engine, geometry), work) { Units = sweeps, UnitsOff = 20 };
    }

    /// <summary>
    /// With nothing stored a sweep computes each cost (a subtraction and a multiply-add a coordinate), an exponential of it, and two
    /// multiply-adds, all in the element type; the points stay in cache.
    /// </summary>
    private BenchTask Points<T>(int dimension)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        PointCloudGeometry<T> geometry = new(
            _inputs.Normals<T>(2, PointCount * dimension), _inputs.Normals<T>(3, PointCount * dimension, 0.5), dimension, Cost.SquaredEuclidean);
        double pairs = (double)PointCount * PointCount;
        BenchWork work = new() { Exponentials = pairs, MultiplyAdds = (2 + (2 * dimension)) * pairs };
        return new BenchTask(Sweeps<T>(_storingNothing, geometry), work) { Units = 10, UnitsOff = 2 };
    }

    /// <summary>
    /// Two transforms, each along both axes, in double: a power and a logarithm a cell, which are counted alike, and a multiply-add a pair of
    /// cells of a line.
    /// </summary>
    private BenchTask Grid()
    {
        const int Length = 256;
        GridGeometry<double> geometry = new([Length, Length], spacing: 1.0 / Length);
        double cells = Length * Length;
        BenchWork work = new() { Exponentials = 2 * 2 * 2 * cells, MultiplyAdds = 2 * 2 * cells * Length };
        return new BenchTask(Sweeps<double>(_engine, geometry), work) { Units = 10, UnitsOff = 2 };
    }

    private Action<int, CancellationToken> Sweeps<T>(Engine engine, Geometry<T> geometry)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] a = _inputs.Weights<T>(4, geometry.Rows);
        T[] b = _inputs.Weights<T>(5, geometry.Columns);
        double[] f = new double[geometry.Rows];
        double[] g = new double[geometry.Columns];
        SinkhornWorkspace<T> workspace = new();
        _workspaces.Add(workspace);
        return (sweeps, cancellation) => engine.Solve(geometry, a, b, Plain(sweeps), workspace, f, g, cancellation);
    }

    /// <summary>A call into the caller's memory: E once, 100 sweeps of two multiply-adds an entry, and the plan once in the end.</summary>
    private BenchTask Call<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int Count = 64;
        const int SweepCount = 100;
        DenseGeometry<T> geometry = new(_inputs.PlaneCosts<T>(1, Count), Count, Count);
        Action<int, CancellationToken> sweeps = Sweeps<T>(_engine, geometry);
        double entries = Count * Count;
        BenchWork work = new() { Bytes = SweepCount * entries * Unsafe.SizeOf<T>(), Block = Count * Count * Unsafe.SizeOf<T>(), Exponentials = 2 * entries, MultiplyAdds = 2 * SweepCount * entries };
        return new BenchTask(
            (calls, cancellation) =>
            {
                for (int call = 0; call < calls; call++)
                    sweeps(SweepCount, cancellation);
            },
            work);
    }

    /// <summary>The same for every pair, over the pixels that have mass: entries are those of the two supports, on average.</summary>
    private BenchTask EntropicImages<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (T[] images, T[] costs, (int, int)[] pairs) = Images<T>();
        double entries = pairs.Average(pair => (double)Support(images, pair.Item1) * Support(images, pair.Item2));
        BenchWork work = new()
        {
            Bytes = ImageSweeps * entries * Unsafe.SizeOf<T>(),
            Block = (long)entries * Unsafe.SizeOf<T>(),
            Exponentials = 2 * entries,
            MultiplyAdds = 2 * ImageSweeps * entries,
        };
        return SolvePairs(images, costs, pairs, Plain(ImageSweeps, epsilon: 1)) with { Work = work };
    }

    /// <summary>Nothing is counted: the pivots of a simplex depend on the problem.</summary>
    private BenchTask ExactImages()
    {
        (double[] images, double[] costs, (int, int)[] pairs) = Images<double>();
        return SolvePairs(images, costs, pairs, new Exact());
    }

    private (T[] Images, T[] Costs, (int, int)[] Pairs) Images<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] draws = _inputs.Uniform(7, 2 * Pairs);
        return (
            _inputs.Images<T>(6, ImageCount),
            GridCosts.Between<T>([BenchInputs.Side, BenchInputs.Side], Cost.SquaredEuclidean),
            [.. Enumerable.Range(0, Pairs).Select(k => ((int)(draws[2 * k] * ImageCount), (int)(draws[(2 * k) + 1] * ImageCount)))]);
    }

    private static int Support<T>(T[] images, int image)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int Pixels = BenchInputs.Side * BenchInputs.Side;
        return images.AsSpan(image * Pixels, Pixels).Length - images.AsSpan(image * Pixels, Pixels).Count(T.Zero);
    }

    private BenchTask SolvePairs<T>(T[] images, T[] costs, (int, int)[] pairs, TransportSolver solver)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        DenseGeometry<T> geometry = new(costs, BenchInputs.Side * BenchInputs.Side, BenchInputs.Side * BenchInputs.Side);
        double[] values = new double[Pairs];
        return new BenchTask(
            (count, cancellation) => _engine.SolveCosts<T>(geometry, images, pairs.AsSpan(0, count), solver, values.AsMemory(0, count), null, cancellation),
            default)
        {
            Units = Pairs,
        };
    }

    /// <summary>From points to plan and certificate. Nothing is counted.</summary>
    private BenchTask Exact(int count, int dimension)
    {
        PointCloudGeometry<double> geometry = new(
            _inputs.Normals<double>(8, count * dimension), _inputs.Normals<double>(9, count * dimension, 0.5), dimension, Cost.SquaredEuclidean);
        TransportProblem<double> problem = TransportProblem.On(geometry).WithWeights(_inputs.Weights<double>(10, count), _inputs.Weights<double>(11, count));
        return new BenchTask((_, cancellation) => _engine.Solve(problem, new Exact(), null, cancellation).Dispose(), default);
    }

    /// <summary>Every cost must be read once.</summary>
    private BenchTask Assignment(int count)
    {
        double[] costs = _inputs.Uniform(12, count * count);
        int[] columns = new int[count];
        return new BenchTask(
            (_, cancellation) => _engine.Assign(costs, count, count, columns, _assignment, null, cancellation),
            new BenchWork { Bytes = (double)costs.Length * sizeof(double) });
    }

    /// <summary>The counts of the verb; that the projections must be sorted is not counted.</summary>
    private BenchTask Slices<T>(int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int Dimension = 16;
        const int Directions = 50;
        PointCloudGeometry<T> points = new(
            _inputs.Normals<T>(17, count * Dimension), _inputs.Normals<T>(18, count * Dimension, 0.5), Dimension, Cost.SquaredEuclidean);
        TransportProblem<T> problem = TransportProblem.On(points).WithWeights(_inputs.Weights<T>(19, count), _inputs.Weights<T>(20, count));
        Sliced solver = new() { Projections = Directions };
        return new BenchTask((_, cancellation) => _engine.SolveSliced(problem, solver, cancellation), VerbWork.SlicedCost<T>(2L * count, Dimension, Directions));
    }

    /// <summary>Both clouds and both weights must be read once; that they must be sorted is not counted.</summary>
    private BenchTask Line(int count)
    {
        LineProblem<double> problem = LineProblem.Between<double>(_inputs.Normals<double>(13, count), _inputs.Normals<double>(14, count, 1))
            .WithWeights(_inputs.Weights<double>(15, count), _inputs.Weights<double>(16, count));
        return new BenchTask((_, cancellation) => _engine.Solve(problem, cancellationToken: cancellation), new BenchWork { Bytes = 4.0 * count * sizeof(double) });
    }
}

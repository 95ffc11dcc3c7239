using System.Numerics;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Bench;

/// <summary>The rows on a CUDA device, with the counts of <see cref="VerbWork"/>: dense and point sweeps, a batch of small problems, and a call.</summary>
internal sealed class DeviceSuite : BenchSuite
{
    private const int FewDimensions = 3;
    private const int ManyDimensions = 64;
    private const int BatchSide = 256;
    private const int Sweeps = 100;
    private const int FirstOfBatch = 20;
    private const int SlicedDimension = 16;
    private const int SlicedDirections = 200;
    private readonly Engine _engine;
    private readonly Engine _storingNothing;
    private readonly List<IDisposable> _workspaces = [];
    private readonly BenchInputs _inputs;
    private readonly int _batch;

    /// <summary>Lists the rows.</summary>
    /// <param name="create">Makes an engine on the device.</param>
    /// <param name="isFull">The sizes that rates are quoted for; else a quarter.</param>
    /// <param name="scale">Divides all sizes: for devices that are slow.</param>
    /// <param name="seed">Of the inputs.</param>
    public DeviceSuite(Func<Action<EngineOptions>, Engine> create, bool isFull, int scale, int seed)
    {
        _inputs = new BenchInputs(seed);
        _engine = create(_ => { });
        _storingNothing = create(options => options.CostMatrixBudget = 0);
        int share = scale * (isFull ? 1 : 4);
        int dense = Math.Max(16, 8192 / share), points = Math.Max(16, 50_000 / share), batch = _batch = Math.Max(2, 1024 / share), sliced = Math.Max(16, 10_000 / share);
        Rows =
        [
            new BenchRow($"sweep, dense {dense}", "float32", "sweep", () => Dense<float>(dense)),
            new BenchRow($"sweep, dense {dense}", "float64", "sweep", () => Dense<double>(dense)),
            new BenchRow($"sweep, points {points} d {FewDimensions}", "float32", "sweep", () => Points<float>(points, FewDimensions, VerbWork.SinkhornPoints((long)points * points, FewDimensions))),
            new BenchRow($"sweep, points {points} d {ManyDimensions}", "float32", "sweep", () => Points<float>(points, ManyDimensions, VerbWork.SinkhornProducts((long)points * points))),
            new BenchRow($"100 sweeps, {batch} of {BatchSide} x {BatchSide}", "float32", "run", () => Batch<float>(batch)),
            new BenchRow($"sliced {sliced} d {SlicedDimension}, {SlicedDirections} directions", "float32", "run", () => Slices<float>(sliced)),
            new BenchRow("call, 64 x 64, 1 sweep", "float32", "call", Call<float>),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchRow> Rows { get; }

    /// <inheritdoc/>
    public override string About =>
        "A sweep is one of Sinkhorn, both potentials, on n x n stored costs (dense) or between n and n points whose costs are computed as they\n"
        + "are needed; a batch is of problems on costs of their own; weights are uneven. Times are medians, without what a call does besides its\n"
        + "sweeps (transfers, the first exponents, the plan's sums), but for `call`, which is a whole warm one into memory of the caller's, and\n"
        + "`sliced`, from arrays to costs.\n"
        + "A share is the least time that the limits below, measured in the same run, leave for the counted work, over the time it took; the\n"
        + "counts stand in `VerbWork.cs` and in the heading Traffic of each kernel file.\n";

    /// <summary>
    /// Writes what the batch is made of, for a peer to solve the same problems: points x and y of the plane (problems x side x 2), whose squared
    /// distances are the costs, and weights a and b of all of them.
    /// </summary>
    public void SaveBatch(string path)
    {
        double[] x = new double[_batch * BatchSide * 2], y = new double[x.Length];
        for (int k = 0; k < _batch; k++)
        {
            (double[] ownX, double[] ownY) = _inputs.PlanePoints(FirstOfBatch + (2 * k), BatchSide);
            ownX.CopyTo(x, k * ownX.Length);
            ownY.CopyTo(y, k * ownY.Length);
        }

        using NpzWriter file = new(path);
        file.Add<double>("x", x, _batch, BatchSide, 2);
        file.Add<double>("y", y, _batch, BatchSide, 2);
        file.Add<double>("a", _inputs.Weights<double>(6, BatchSide), BatchSide);
        file.Add<double>("b", _inputs.Weights<double>(7, BatchSide), BatchSide);
        file.Commit();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (IDisposable workspace in _workspaces)
            workspace.Dispose();
        _storingNothing.Dispose();
        _engine.Dispose();
    }

    private static Sinkhorn Plain(int sweeps) => new() { Tolerance = 0, MaxIterations = sweeps };

    private BenchTask Dense<T>(int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        DenseGeometry<T> geometry = new(_inputs.PlaneCosts<T>(1, count), count, count);
        return new BenchTask(Solves<T>(_engine, geometry), VerbWork.SinkhornSweep<T>((long)count * count)) { Units = Sweeps, UnitsOff = 20 };
    }

    private BenchTask Points<T>(int count, int dimension, BenchWork work)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        PointCloudGeometry<T> geometry = new(_inputs.Normals<T>(2, count * dimension), _inputs.Normals<T>(3, count * dimension, 0.5), dimension, Cost.SquaredEuclidean);
        return new BenchTask(Solves<T>(_storingNothing, geometry), work) { Units = 8, UnitsOff = 2 };
    }

    private Action<int, CancellationToken> Solves<T>(Engine engine, Geometry<T> geometry)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] a = _inputs.Weights<T>(4, geometry.Rows), b = _inputs.Weights<T>(5, geometry.Columns);
        double[] f = new double[geometry.Rows], g = new double[geometry.Columns];
        SinkhornWorkspace<T> workspace = new();
        _workspaces.Add(workspace);
        return (sweeps, cancellation) => engine.Solve(geometry, a, b, Plain(sweeps), workspace, f, g, cancellation);
    }

    /// <summary>A unit is 100 sweeps of all problems; the call that is taken off does one.</summary>
    private BenchTask Batch<T>(int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TransportProblem<T>[] problems = [.. Enumerable.Range(0, count).Select(k => TransportProblem.On(new DenseGeometry<T>(_inputs.PlaneCosts<T>(FirstOfBatch + (2 * k), BatchSide), BatchSide, BatchSide))
            .WithWeights(_inputs.Weights<T>(6, BatchSide), _inputs.Weights<T>(7, BatchSide)))];
        return new BenchTask(
            (units, cancellation) =>
            {
                foreach (TransportResult<T> result in _engine.SolveBatch(problems, Plain(units == 1 ? 1 : 1 + Sweeps), null, cancellation))
                    result.Dispose();
            },
            VerbWork.SinkhornBlock((long)count * BatchSide * BatchSide, Sweeps))
        {
            UnitsOff = 1,
        };
    }

    /// <summary>Two clouds on one call, weights uneven.</summary>
    private BenchTask Slices<T>(int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        PointCloudGeometry<T> points = new(
            _inputs.Normals<T>(30, count * SlicedDimension), _inputs.Normals<T>(31, count * SlicedDimension, 0.5), SlicedDimension, Cost.SquaredEuclidean);
        TransportProblem<T> problem = TransportProblem.On(points).WithWeights(_inputs.Weights<T>(32, count), _inputs.Weights<T>(33, count));
        Sliced solver = new() { Projections = SlicedDirections };
        return new BenchTask((_, cancellation) => _engine.SolveSliced(problem, solver, cancellation), VerbWork.SlicedCost<T>(2L * count, SlicedDimension, SlicedDirections));
    }

    private BenchTask Call<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Action<int, CancellationToken> solve = Solves<T>(_engine, new DenseGeometry<T>(_inputs.PlaneCosts<T>(1, 64), 64, 64));
        return new BenchTask((_, cancellation) => solve(1, cancellation), default);
    }
}

using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Bench;

/// <summary>
/// The rows on a CUDA device, with the counts of <see cref="VerbWork"/> where one kernel does the work: sweeps, whole solves of every kind, and a
/// call. Where a suite is stopped what comes first is what it has.
/// </summary>
internal sealed class DeviceSuite : BenchSuite
{
    private const int FewDimensions = 3;
    private const int ManyDimensions = 64;
    private const int Sweeps = 100;
    private const int FirstOfBatch = 20;
    private const int PlaneDimension = 2;
    private const int AssignmentSide = 300;
    private const int GromovSteps = 20;
    /// <summary>Atoms that no block sorts in shared memory, whatever the device.</summary>
    private const int BeyondChip = 1 << 16;
    private const int PointsStream = 2;
    private const int SlicedStream = 30;
    private const int ExactStream = 40;
    private const double PointsTolerance = 1e-3;
    private readonly Engine _engine;
    private readonly Engine _storingNothing;
    private readonly List<IDisposable> _workspaces = [];
    private readonly BenchInputs _inputs;
    private readonly int _points;
    private readonly int _batch;
    private readonly int _side;
    private readonly (int Count, int Directions) _sliced;
    private readonly int _exact;

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
        int Size(int size, int least = 16) => Math.Max(least, size / share);
        int dense = Size(8192), batch = _batch = Size(1024, 2), assignments = Size(208, 2), assigned = Size(AssignmentSide), points = _points = Size(50_000);
        (int Rows, int Columns) gromov = (Size(4000), Size(5000));
        // A whole problem is within a block; a slow device cannot be spared many sweeps of it by fewer problems alone.
        _side = Math.Min(256, Size(4096));
        _sliced = (Size(100_000), Size(1000));
        _exact = Size(5000);
        Rows =
        [
            new BenchRow($"sweep, dense {dense}", "float32", "sweep", () => Dense<float>(dense)),
            new BenchRow($"sweep, dense {dense}", "float64", "sweep", () => Dense<double>(dense)),
            new BenchRow($"sweep, points {points} d {FewDimensions}", "float32", "sweep", () => Points<float>(points, FewDimensions, VerbWork.SinkhornPoints((long)points * points, FewDimensions))),
            new BenchRow($"sweep, points {points} d {ManyDimensions}", "float32", "sweep", () => Points<float>(points, ManyDimensions, VerbWork.SinkhornProducts((long)points * points, ManyDimensions))),
            new BenchRow($"100 sweeps, {batch} of {_side} x {_side}", "float32", "run", () => Batch<float>(batch)),
            new BenchRow("call, 64 x 64, 1 sweep", "float32", "call", Call<float>),
            new BenchRow($"sliced 2 x {_sliced.Count} d {PlaneDimension}, {_sliced.Directions} directions", "float32", "run", () => Slices<float>(_sliced.Count, _sliced.Directions)),
            new BenchRow($"{assignments} assignments of {assigned} x {assigned}", "float32", "run", () => Assignments<float>(assignments, assigned)),
            new BenchRow($"Gromov-Wasserstein {gromov.Rows} x {gromov.Columns}, {GromovSteps} steps", "float32", "solve", () => Gromov<float>(gromov.Rows, gromov.Columns)),
            new BenchRow($"exact {_exact} d {ManyDimensions}", "float64", "solve", () => Exact<double>(_exact)),
            new BenchRow($"exact {2 * _exact} d {ManyDimensions}", "float64", "solve", () => Exact<double>(2 * _exact)),
            new BenchRow(FormattableString.Invariant($"points {points} d {ManyDimensions}, to an error of {PointsTolerance}"), "float32", "solve", () => PointsSolved<float>(points)),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchRow> Rows { get; }

    /// <inheritdoc/>
    public override string About =>
        "A sweep is one of Sinkhorn, both potentials, on n x n stored costs (dense) or between n and n points whose costs are computed as they\n"
        + "are needed; a batch is of problems on costs of their own; weights are uneven. Times are medians, without what a call does besides its\n"
        + "sweeps (transfers, the first exponents, the plan's sums); those of what is no sweep and of `call` are of whole warm calls, from arrays\n"
        + "to answers. Exact transport comes with its certificate.\n"
        + "A share is the least time that the limits below, measured in the same run, leave for the counted work, over the time it took; the\n"
        + "counts stand in `VerbWork.cs` and in the heading Traffic of each kernel file.\n";

    /// <summary>
    /// Writes what rows are made of, for a peer to solve the same problems: points x and y of the plane (problems x side x 2), whose squared
    /// distances are the costs of the batch, and weights a and b of all of them; points_x, points_y, their weights and the eps at which they are
    /// solved; the clouds sliced_x and sliced_y and the number of directions; exact_x, exact_y and their weights.
    /// </summary>
    public void SaveInputs(string path)
    {
        double[] x = new double[_batch * _side * 2], y = new double[x.Length];
        for (int k = 0; k < _batch; k++)
        {
            (double[] ownX, double[] ownY) = _inputs.PlanePoints(FirstOfBatch + (2 * k), _side);
            ownX.CopyTo(x, k * ownX.Length);
            ownY.CopyTo(y, k * ownY.Length);
        }

        using NpzWriter file = new(path);
        file.Add<double>("x", x, _batch, _side, 2);
        file.Add<double>("y", y, _batch, _side, 2);
        file.Add<double>("a", _inputs.Weights<double>(6, _side), _side);
        file.Add<double>("b", _inputs.Weights<double>(7, _side), _side);
        PointCloudGeometry<float> points = Cloud<float>(PointsStream, _points, ManyDimensions), sliced = Cloud<float>(SlicedStream, _sliced.Count, PlaneDimension);
        Add("points", points, _inputs.Weights<float>(4, _points), _inputs.Weights<float>(5, _points));
        file.Add<double>("points_epsilon", [EpsilonOf(points)], 1);
        Add("sliced", sliced, _inputs.Weights<float>(32, _sliced.Count), _inputs.Weights<float>(33, _sliced.Count));
        file.Add<double>("sliced_directions", [_sliced.Directions], 1);
        Add("exact", Cloud<double>(ExactStream, _exact, ManyDimensions), _inputs.Weights<double>(42, _exact), _inputs.Weights<double>(43, _exact));
        file.Commit();

        void Add<T>(string name, PointCloudGeometry<T> cloud, T[] a, T[] b)
            where T : unmanaged, IFloatingPointIeee754<T>
        {
            file.Add(name + "_x", cloud.X, cloud.Rows, cloud.Dimension);
            file.Add(name + "_y", cloud.Y, cloud.Columns, cloud.Dimension);
            file.Add<T>(name + "_a", a, cloud.Rows);
            file.Add<T>(name + "_b", b, cloud.Columns);
        }
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
        return new BenchTask(Solves(_engine, geometry, Plain), VerbWork.DenseSweep<T>(_engine.Begin(1, null, CancellationToken.None).Backend, count, count)) { Units = Sweeps, UnitsOff = 20 };
    }

    private BenchTask Points<T>(int count, int dimension, BenchWork work)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        return new BenchTask(Solves(_storingNothing, Cloud<T>(PointsStream, count, dimension), Plain), work) { Units = 8, UnitsOff = 2 };
    }

    /// <summary>From nothing to an error of both marginals: a unit is a whole solve.</summary>
    private BenchTask PointsSolved<T>(int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        PointCloudGeometry<T> geometry = Cloud<T>(PointsStream, count, ManyDimensions);
        Sinkhorn solver = new() { Epsilon = EpsilonOf(geometry), Tolerance = PointsTolerance };
        return new BenchTask(Solves(_storingNothing, geometry, _ => solver), default);
    }

    /// <summary>Two clouds of normal points, the second moved by a half.</summary>
    private PointCloudGeometry<T> Cloud<T>(int stream, int count, int dimension)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        new(_inputs.Normals<T>(stream, count * dimension), _inputs.Normals<T>(stream + 1, count * dimension, 0.5), dimension, Cost.SquaredEuclidean);

    /// <summary>A twentieth of the mean cost, from the moments of both clouds.</summary>
    private static double EpsilonOf<T>(PointCloudGeometry<T> cloud)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double mean = 0;
        for (int k = 0; k < cloud.Dimension; k++)
        {
            (double x, double square) = Moments(cloud.X, k);
            (double y, double otherSquare) = Moments(cloud.Y, k);
            mean += square + otherSquare - (2 * x * y);
        }

        return mean / 20;

        (double Mean, double Square) Moments(ReadOnlySpan<T> points, int coordinate)
        {
            (double sum, double squares) = (0, 0);
            for (int at = coordinate; at < points.Length; at += cloud.Dimension)
            {
                double value = double.CreateChecked(points[at]);
                (sum, squares) = (sum + value, squares + (value * value));
            }

            int count = points.Length / cloud.Dimension;
            return (sum / count, squares / count);
        }
    }

    private Action<int, CancellationToken> Solves<T>(Engine engine, Geometry<T> geometry, Func<int, Sinkhorn> solver)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] a = _inputs.Weights<T>(4, geometry.Rows), b = _inputs.Weights<T>(5, geometry.Columns);
        double[] f = new double[geometry.Rows], g = new double[geometry.Columns];
        SinkhornWorkspace<T> workspace = new();
        _workspaces.Add(workspace);
        return (sweeps, cancellation) => engine.Solve(geometry, a, b, solver(sweeps), workspace, f, g, cancellation);
    }

    /// <summary>A unit is 100 sweeps of all problems; the call that is taken off does one.</summary>
    private BenchTask Batch<T>(int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TransportProblem<T>[] problems = [.. Enumerable.Range(0, count).Select(k => TransportProblem.On(new DenseGeometry<T>(_inputs.PlaneCosts<T>(FirstOfBatch + (2 * k), _side), _side, _side))
            .WithWeights(_inputs.Weights<T>(6, _side), _inputs.Weights<T>(7, _side)))];
        return new BenchTask(
            (units, cancellation) =>
            {
                foreach (TransportResult<T> result in _engine.SolveBatch(problems, Plain(units == 1 ? 1 : 1 + Sweeps), null, cancellation))
                    result.Dispose();
            },
            VerbWork.SinkhornBlock((long)count * _side * _side, Sweeps))
        {
            UnitsOff = 1,
        };
    }

    /// <summary>Two clouds on one call, weights uneven.</summary>
    private BenchTask Slices<T>(int count, int directions)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TransportProblem<T> problem = TransportProblem.On(Cloud<T>(SlicedStream, count, PlaneDimension)).WithWeights(_inputs.Weights<T>(32, count), _inputs.Weights<T>(33, count));
        Sliced solver = new() { Projections = directions };
        return new BenchTask((_, cancellation) => _engine.SolveSliced(problem, solver, cancellation), count < BeyondChip
            ? VerbWork.SlicedCost<T>(2L * count, PlaneDimension, directions)
            : VerbWork.SlicedPasses<T>(2L * count, PlaneDimension, directions));
    }

    private BenchTask Assignments<T>(int count, int side)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Tensor<T>[] costs = [.. Enumerable.Range(0, count).Select(k => Tensor.Create(Array.ConvertAll(_inputs.Uniform(100 + k, side * side), T.CreateChecked), [side, side]))];
        return new BenchTask((_, cancellation) => _engine.AssignBatch(costs, cancellationToken: cancellation), default);
    }

    /// <summary>Clouds of the plane and of space, by their own distances, which are stored.</summary>
    private BenchTask Gromov<T>(int rows, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Tensor<T> x = Tensor.Create(_inputs.Normals<T>(50, rows * PlaneDimension), [rows, PlaneDimension]), y = Tensor.Create(_inputs.Normals<T>(51, columns * FewDimensions), [columns, FewDimensions]);
        GromovProblem<T> problem = GromovProblem.Between(x, y, Cost.Euclidean).WithWeights(_inputs.Weights<T>(52, rows), _inputs.Weights<T>(53, columns));
        GromovWasserstein solver = new() { Tolerance = 0, MaxSteps = GromovSteps, StepSweeps = 10 };
        return new BenchTask((_, cancellation) => _engine.Solve(problem, solver, null, cancellation).Dispose(), default);
    }

    private BenchTask Exact<T>(int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TransportProblem<T> problem = TransportProblem.On(Cloud<T>(ExactStream, count, ManyDimensions)).WithWeights(_inputs.Weights<T>(42, count), _inputs.Weights<T>(43, count));
        return new BenchTask((_, cancellation) => _engine.Solve(problem, new Exact(), null, cancellation).Dispose(), default);
    }

    private BenchTask Call<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Action<int, CancellationToken> solve = Solves(_engine, new DenseGeometry<T>(_inputs.PlaneCosts<T>(1, 64), 64, 64), Plain);
        return new BenchTask((_, cancellation) => solve(1, cancellation), default);
    }
}

using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cli.Bench;

namespace OtEngine.Cli.Verify;

/// <summary>The verbs on one problem of n x n stored costs, or of n and n points, or on matrices and runs of that size, for their rates.</summary>
internal sealed class VerbTimings<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The verbs that are timed; ot bench times sweeps that store nothing.</summary>
    public static readonly string[] Verbs =
    [
        "CostMatrix", "CostReduce", "SinkhornSweep", "SoftMin", "PlanReduce", "PlanReduce, bracket", "PlanApply", "PlanWrite", "PlanCostGradient", "Multiply", "Vector",
        "GromovConstants", "GromovPlan", "GromovGradient",
    ];

    private const int Width = 4;
    private const int SweepsOff = 8;
    private const double Epsilon = 0.1;
    private const int Dimension = 3;
    private readonly Execution _execution;
    private readonly ProblemTable<T> _table;
    private readonly LoadedTable<T> _loaded;
    private readonly ProblemTable<T> _pointTable;
    private readonly LoadedTable<T> _points;
    private readonly BackendBuffer<double> _potentials;
    private readonly BackendBuffer<double> _gradients;
    private readonly BackendBuffer<T> _a;
    private readonly BackendBuffer<T> _b;
    private readonly BackendBuffer<T> _c;
    private readonly BackendBuffer<double> _sums;
    private readonly BackendBuffer<double> _moved;
    private readonly BackendBuffer<SinkhornState> _states;
    private readonly int _count;
    private readonly long _massless;

    /// <summary>Draws the problem; every fifth atom of either side has no mass.</summary>
    public VerbTimings(int count, int seed, Execution execution)
    {
        Random random = new(seed);
        T[] costs = [.. Enumerable.Range(0, count * count).Select(_ => T.CreateChecked(2 * random.NextDouble()))];
        T[] weights = [.. Enumerable.Range(0, count).Select(k => k % 5 == 4 ? T.Zero : T.One)];
        _execution = execution;
        _count = count;
        _massless = 2L * weights.Count(weight => weight == T.Zero) * count;
        _table = ProblemTable<T>.Of([TransportProblem.On(new DenseGeometry<T>(costs, count, count)).WithWeights(weights, weights)]);
        _loaded = execution.Backend.Load(_table);
        T[] x = [.. Enumerable.Range(0, 2 * count * Dimension).Select(_ => T.CreateChecked(random.NextDouble()))];
        _pointTable = ProblemTable<T>.Of([TransportProblem.On(new PointCloudGeometry<T>(x[..(count * Dimension)], x[(count * Dimension)..], Dimension, Cost.SquaredEuclidean))]);
        _points = execution.Backend.Load(_pointTable);
        _gradients = execution.Backend.Allocate<double>((long)count * Dimension);
        (_a, _b, _c) = (execution.Backend.Allocate<T>(Entries), execution.Backend.Allocate<T>(Entries), execution.Backend.Allocate<T>(Entries));
        _a.CopyFrom(costs, 0);
        _b.CopyFrom(costs, 0);
        _potentials = execution.Backend.Allocate<double>(_table.PotentialCount);
        _potentials.CopyFrom(new double[_table.PotentialCount], 0);
        _sums = execution.Backend.Allocate<double>(_table.PotentialCount * GromovSums.Count);
        _moved = execution.Backend.Allocate<double>(_table.PotentialCount);
        _states = execution.Backend.Allocate<SinkhornState>(1);
    }

    private static ReadOnlySpan<GromovRow> GromovRows => new[] { new GromovRow { Problem = 0, Matrix = 0, Factor = 1 } };

    private long Entries => (long)_count * _count;

    /// <summary>A verb's task, with its counted work.</summary>
    public BenchTask Task(string verb) => verb switch
    {
        "CostMatrix" => Whole(() => _execution.Backend.CostMatrix(_points, [0], _c, _execution), VerbWork.CostMatrix<T>(Entries)),
        "CostReduce" => Whole(() => _execution.Backend.CostReduce(_loaded, new CostStatistics[1], _execution), VerbWork.CostReduce<T>(Entries)),
        "SinkhornSweep" => new BenchTask((sweeps, _) => Sweep(sweeps), VerbWork.DenseSweep<T>(_execution.Backend, _count, _count)) { Units = 2 * SweepsOff, UnitsOff = SweepsOff },
        "SoftMin" => Whole(() => _execution.Backend.SoftMin(_loaded, new[] { Epsilon }, _potentials, _execution), VerbWork.SoftMin<T>(_massless)),
        "PlanReduce" => Whole(() => Reduce(bracket: false), VerbWork.PlanReduce<T>(Entries)),
        "PlanReduce, bracket" => Whole(() => Reduce(bracket: true), default),
        "PlanApply" => OfPlan(plan => plan.Apply(transposed: false, new double[_count * Width], Width, new double[_count * Width], _execution), VerbWork.PlanApply<T>(Entries, Width)),
        "PlanWrite" => OfPlan(plan => plan.Write(0, _count, new double[Entries], _execution), VerbWork.PlanWrite<T>(Entries)),
        "PlanCostGradient" => Whole(
            () => _execution.Backend.PlanCostGradient(_points, new[] { Epsilon }, _potentials, TransportSide.A, _gradients, _execution), VerbWork.PlanCostGradient<T>(Entries)),
        "Multiply" => Whole(Multiply, VerbWork.Multiply<T>(_count, _count, _count)),
        "Vector" => Whole(() => _execution.Backend.VectorMap(VectorOperation.Axpy, [0, Entries], [1e-3], _a, _c, _execution), VerbWork.VectorAxpy<T>(Entries)),
        "GromovConstants" => Whole(
            () => _execution.Backend.GromovConstants<T>(
                [new GromovInner { Size = _count, Function = GromovFunction.Square, Costs = 0, Weights = 0 }], _a, _potentials, _moved, _execution),
            VerbWork.GromovConstants<T>(Entries)),
        "GromovPlan" => Whole(
            () => _execution.Backend.GromovPlan(_loaded, GromovRows, new[] { Epsilon }, _potentials, _c, _sums, _moved, _execution), VerbWork.GromovPlan<T>(Entries)),
        "GromovGradient" => Whole(
            () => _execution.Backend.GromovGradient(_loaded, GromovRows, _potentials, _a, _b, _c, _sums, _execution), VerbWork.GromovGradient<T>(Entries)),
        _ => throw new ArgumentException($"No verb is called '{verb}'.", nameof(verb)),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable buffer in (IDisposable[])[_a, _b, _c, _gradients, _states, _moved, _sums, _potentials])
            buffer.Dispose();
        _points.Dispose();
        _pointTable.Dispose();
        _loaded.Dispose();
        _table.Dispose();
    }

    private static BenchTask Whole(Action call, BenchWork work) => new((_, _) => call(), work);

    private BenchTask OfPlan(Action<LoadedPlan> call, BenchWork work) => Whole(
        () =>
        {
            using LoadedPlan plan = _execution.Backend.LoadPlan(_loaded, 0, Epsilon, _potentials, keep: false, _execution);
            call(plan);
        },
        work);

    private void Multiply() => _execution.Backend.Multiply(
        [new MatrixProduct { Rows = _count, Columns = _count, Inner = _count, A = 0, B = 0, C = 0, Alpha = 1 }], _a, _b, _c, _execution);

    private void Reduce(bool bracket) =>
        _execution.Backend.PlanReduce(_loaded, new[] { Epsilon }, _potentials, null, bracket, new PlanReduction[1], _execution);

    private void Sweep(int sweeps)
    {
        _states.CopyFrom([SinkhornRule.Begin(0, 0, sweeps, cold: false, relax: false, handOver: false, 0)], 0);
        SinkhornStage[] stages = [new SinkhornStage(Epsilon, sweeps, 0)];
        _execution.Backend.SinkhornSweep(_loaded, stages, _states, _potentials, sweeps, _execution);
    }
}

using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine.Tests;

/// <summary>
/// The CPU's verbs, called as those of a remote backend are: counts the passes over all pairs, and has no memory, or is lost, when it is
/// told to.
/// </summary>
internal sealed class RemoteCpu : Backend
{
    private readonly CpuBackend _cpu = new();
    private int _calls;
    private int _sweeps;
    private int _lists;
    private int _violations;

    public override bool IsRemote => true;

    /// <summary>Calls of SinkhornSweep, of ReducedCosts and of LargestViolation so far.</summary>
    public (int Sweeps, int Lists, int Violations) Calls => (_sweeps, _lists, _violations);

    /// <summary>Which of those calls and of Load and Allocate, from 1, fails; 0 is none.</summary>
    public int FailsAt { get; init; }

    /// <summary>Whether it is lost then, or has no memory left.</summary>
    public bool IsLostThen { get; init; }

    /// <summary>Whether that call came.</summary>
    public bool HasFailed => FailsAt > 0 && _calls >= FailsAt;

    /// <summary>What is done before a sweep.</summary>
    public Action? BeforeSweep { get; init; }

    /// <summary>An engine on it.</summary>
    public Engine CreateEngine(Action<EngineOptions>? configure = null) => Engine.Create(options =>
    {
        configure?.Invoke(options);
        options.Accelerator = new Accelerator(_ => new AcceleratorStart(this, "remote", null), FallbackOnFault: false, Log: null);
    });

    public override LoadedTable<T> Load<T>(ProblemTable<T> table)
    {
        FailInTurn();
        return _cpu.Load(table);
    }

    public override BackendBuffer<T> Allocate<T>(long length)
    {
        FailInTurn();
        return _cpu.Allocate<T>(length);
    }

    public override void CostReduce<T>(LoadedTable<T> table, Span<CostStatistics> statistics, Execution execution) => _cpu.CostReduce(table, statistics, execution);

    public override void SinkhornSweep<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        BackendBuffer<SinkhornState> states,
        BackendBuffer<double> potentials,
        long budget,
        Execution execution)
    {
        FailInTurn();
        _ = Interlocked.Increment(ref _sweeps);
        BeforeSweep?.Invoke();
        _cpu.SinkhornSweep(table, stages, states, potentials, budget, execution);
    }

    public override void PlanReduce<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        BackendBuffer<double>? marginals,
        bool bracket,
        Memory<PlanReduction> reductions,
        Execution execution) => _cpu.PlanReduce(table, epsilons, potentials, marginals, bracket, reductions, execution);

    public override void SoftMin<T>(LoadedTable<T> table, ReadOnlyMemory<double> epsilons, BackendBuffer<double> potentials, Execution execution) =>
        _cpu.SoftMin(table, epsilons, potentials, execution);

    public override void PlanCostGradient<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        TransportSide side,
        BackendBuffer<double> gradients,
        Execution execution) => _cpu.PlanCostGradient(table, epsilons, potentials, side, gradients, execution);

    public override LoadedPlan LoadPlan<T>(
        LoadedTable<T> table, int row, double epsilon, BackendBuffer<double> potentials, bool keep, Execution execution) =>
        _cpu.LoadPlan(table, row, epsilon, potentials, keep, execution);

    public override void Multiply<T>(
        ReadOnlySpan<MatrixProduct> products, BackendBuffer<T> a, BackendBuffer<T> b, BackendBuffer<T> c, Execution execution) =>
        _cpu.Multiply(products, a, b, c, execution);

    public override void ReducedCosts<T>(
        LoadedTable<T> table, int row, in ArcPrices wanted, TransportSide side, Span<double> prices, Span<int> ends, Execution execution)
    {
        FailInTurn();
        _ = Interlocked.Increment(ref _lists);
        _cpu.ReducedCosts(table, row, wanted, side, prices, ends, execution);
    }

    public override double LargestViolation<T>(LoadedTable<T> table, int row, ReadOnlySpan<double> f, ReadOnlySpan<double> g, Execution execution)
    {
        FailInTurn();
        _ = Interlocked.Increment(ref _violations);
        return _cpu.LargestViolation(table, row, f, g, execution);
    }

    public override void Assignment<T>(
        ReadOnlyMemory<AssignmentProblem> problems,
        BackendBuffer<T> costs,
        BackendBuffer<int> matchings,
        BackendBuffer<double> potentials,
        Memory<AssignmentOutcome> outcomes,
        Execution execution) => _cpu.Assignment(problems, costs, matchings, potentials, outcomes, execution);

    public override void CostMatrix<T>(LoadedTable<T> table, ReadOnlySpan<long> offsets, BackendBuffer<T> costs, Execution execution) =>
        _cpu.CostMatrix(table, offsets, costs, execution);

    public override void SlicedCost<T>(ReadOnlySpan<SlicedRow> rows, double order, SlicedBuffers<T> buffers, Execution execution) =>
        _cpu.SlicedCost(rows, order, buffers, execution);

    public override void VectorMap<T>(
        VectorOperation operation, ReadOnlySpan<long> starts, ReadOnlySpan<double> alphas, BackendBuffer<T> x, BackendBuffer<T> y, Execution execution) =>
        _cpu.VectorMap(operation, starts, alphas, x, y, execution);

    public override void VectorReduce<T>(
        VectorOperation operation, ReadOnlySpan<long> starts, BackendBuffer<T> x, BackendBuffer<double> results, Execution execution) =>
        _cpu.VectorReduce(operation, starts, x, results, execution);

    public override void VectorGroupSum<T>(
        ReadOnlySpan<long> groups,
        ReadOnlySpan<long> places,
        ReadOnlySpan<double> weights,
        long length,
        BackendBuffer<T> x,
        BackendBuffer<double> y,
        Execution execution) => _cpu.VectorGroupSum(groups, places, weights, length, x, y, execution);

    public override void GromovConstants<T>(
        ReadOnlySpan<GromovInner> inners, BackendBuffer<T> costs, BackendBuffer<double> weights, BackendBuffer<double> constants, Execution execution) =>
        _cpu.GromovConstants(inners, costs, weights, constants, execution);

    public override void GromovPlan<T>(
        LoadedTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        BackendBuffer<T> plans,
        BackendBuffer<double> marginals,
        BackendBuffer<double> moved,
        Execution execution) => _cpu.GromovPlan(table, rows, epsilons, potentials, plans, marginals, moved, execution);

    public override void GromovGradient<T>(
        LoadedTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        BackendBuffer<double> constants,
        BackendBuffer<T> plans,
        BackendBuffer<T> features,
        BackendBuffer<T> gradients,
        BackendBuffer<double> sums,
        Execution execution) => _cpu.GromovGradient(table, rows, constants, plans, features, gradients, sums, execution);

    public override void Dispose() => _cpu.Dispose();

    private void FailInTurn()
    {
        if (Interlocked.Increment(ref _calls) == FailsAt)
            throw new Fault(IsLostThen);
    }

    private sealed class Fault(bool isLost) : DeviceException("The test told the backend to fail.")
    {
        public override bool IsLost => isLost;

        public override bool IsOutOfMemory => !isLost;
    }
}

using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>The seam on SIMD. A verb is the file of its name; here a table's rows are handed to it, over threads.</summary>
internal sealed class CpuBackend : Backend
{
    private readonly WorkerPool<SinkhornWorker<float>> _floatSweeps = new();
    private readonly WorkerPool<SinkhornWorker<double>> _doubleSweeps = new();
    private readonly WorkerPool<SharedSweepWorker<float>> _floatSharedSweeps = new();
    private readonly WorkerPool<SharedSweepWorker<double>> _doubleSharedSweeps = new();
    private readonly WorkerPool<PlanWorker<float>> _floatPlans = new();
    private readonly WorkerPool<PlanWorker<double>> _doublePlans = new();
    private readonly WorkerPool<GridProblem<float>> _floatGrids = new();
    private readonly WorkerPool<GridProblem<double>> _doubleGrids = new();

    public override LoadedTable<T> Load<T>(ProblemTable<T> table) => new CpuTable<T>(table);

    public override BackendBuffer<T> Allocate<T>(long length) => new HostBuffer<T>(length);

    public override void CostReduce<T>(LoadedTable<T> table, Span<CostStatistics> statistics, Execution execution)
    {
        for (int k = 0; k < statistics.Length; k++)
        {
            statistics[k] = table.Table.Geometries[k] is GridGeometry<T> grid
                ? GridCostReduce.Run(grid.AxisCosts, execution.Cancellation)
                : Cpu.CostReduce.Run(table.Table.Geometries[k], execution);
        }
    }

    public override void SinkhornSweep<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        BackendBuffer<SinkhornState> states,
        BackendBuffer<double> potentials,
        long budget,
        Execution execution)
    {
        HostBuffer<SinkhornState> hostStates = (HostBuffer<SinkhornState>)states;
        HostBuffer<double> hostPotentials = (HostBuffer<double>)potentials;
        bool[]? taken = null;
        foreach (Geometry<T> geometry in table.Table.Geometries)
        {
            if (taken is null && GibbsKernel<T>.IsCandidate(geometry, execution.CostMatrixBudget))
                taken = new bool[table.Table.Rows.Length];
        }

        if (taken is not null)
        {
            WorkerPool<SharedSweepWorker<T>> pool =
                Pool<T, SharedSweepWorker<float>, SharedSweepWorker<double>, SharedSweepWorker<T>>(_floatSharedSweeps, _doubleSharedSweeps);
            SharedSweep.Run((CpuTable<T>)table, stages, hostStates, hostPotentials, budget, pool, taken, execution);
        }

        TableLoop.Run(
            table.Table,
            onGrids: false,
            execution,
            Pool<T, SinkhornWorker<float>, SinkhornWorker<double>, SinkhornWorker<T>>(_floatSweeps, _doubleSweeps),
            new SinkhornSweep.Work<T>(table.Table, stages, hostStates, hostPotentials, budget, taken, execution));
        TableLoop.Run(
            table.Table, onGrids: true, execution, Grids<T>(), new GridSinkhornSweep.Work<T>(table.Table, stages, hostStates, hostPotentials, budget, execution));
    }

    public override void PlanReduce<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        BackendBuffer<double>? marginals,
        bool bracket,
        Memory<PlanReduction> reductions,
        Execution execution)
    {
        HostBuffer<double> host = (HostBuffer<double>)potentials;
        HostBuffer<double>? sums = (HostBuffer<double>?)marginals;
        TableLoop.Run(
            table.Table, onGrids: false, execution, Plans<T>(), new PlanReduce.Work<T>(table.Table, epsilons, host, sums, bracket, reductions, execution));
        TableLoop.Run(
            table.Table, onGrids: true, execution, Grids<T>(), new GridPlanReduce.Work<T>(table.Table, epsilons, host, sums, bracket, reductions, execution));
    }

    public override void SoftMin<T>(LoadedTable<T> table, ReadOnlyMemory<double> epsilons, BackendBuffer<double> potentials, Execution execution)
    {
        HostBuffer<double> host = (HostBuffer<double>)potentials;
        TableLoop.Run(table.Table, onGrids: false, execution, Plans<T>(), new MasslessSoftMin.Work<T>(table.Table, epsilons, host, execution));
        TableLoop.Run(table.Table, onGrids: true, execution, Grids<T>(), new GridMasslessSoftMin.Work<T>(table.Table, epsilons, host, execution));
    }

    public override void PlanCostGradient<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        TransportSide side,
        BackendBuffer<double> gradients,
        Execution execution) =>
        TableLoop.Run(
            table.Table,
            onGrids: false,
            execution,
            Plans<T>(),
            new PlanCostGradient.Work<T>(
                table.Table, epsilons, (HostBuffer<double>)potentials, side, table.Table.CoordinateOffsets(side), (HostBuffer<double>)gradients, execution));

    public override LoadedPlan LoadPlan<T>(
        LoadedTable<T> table, int row, double epsilon, BackendBuffer<double> potentials, bool keep, Execution execution)
    {
        Geometry<T> geometry = table.Table.Geometries[table.Table.Rows[row].Geometry];
        if (geometry is GridGeometry<T> grid)
        {
            GridProblem<T> problem = new();
            problem.Take(table.Table, row, epsilon, (HostBuffer<double>)potentials, execution.Threads);
            return new GridPlan<T>(problem, grid);
        }

        PlanWorker<T> worker = new();
        worker.Take(table.Table, row, epsilon, (HostBuffer<double>)potentials, execution.Threads);
        return new CpuPlan<T>(worker, geometry, keep, execution);
    }

    public override void Multiply<T>(
        ReadOnlySpan<MatrixProduct> products, BackendBuffer<T> a, BackendBuffer<T> b, BackendBuffer<T> c, Execution execution) =>
        Cpu.Multiply.Run(products, (HostBuffer<T>)a, (HostBuffer<T>)b, (HostBuffer<T>)c, execution);

    public override void ReducedCosts<T>(
        LoadedTable<T> table, int row, in ArcPrices wanted, TransportSide side, Span<double> prices, Span<int> ends, Execution execution) =>
        ReducedCostsVerb.Lowest(table.Table.Geometries[table.Table.Rows[row].Geometry], wanted, side, prices, ends, execution);

    public override double LargestViolation<T>(LoadedTable<T> table, int row, ReadOnlySpan<double> f, ReadOnlySpan<double> g, Execution execution) =>
        ReducedCostsVerb.LargestViolation(table.Table.Geometries[table.Table.Rows[row].Geometry], f, g, execution);

    public override void Assignment<T>(
        ReadOnlyMemory<AssignmentProblem> problems,
        BackendBuffer<T> costs,
        BackendBuffer<int> matchings,
        BackendBuffer<double> potentials,
        Memory<AssignmentOutcome> outcomes,
        Execution execution) =>
        Cpu.Assignment.Run(problems, (HostBuffer<T>)costs, (HostBuffer<int>)matchings, (HostBuffer<double>)potentials, outcomes, execution);

    public override void CostMatrix<T>(LoadedTable<T> table, ReadOnlySpan<long> offsets, BackendBuffer<T> costs, Execution execution) =>
        Cpu.CostMatrix.Run(table.Table, offsets, (HostBuffer<T>)costs, execution);

    public override void SlicedCost<T>(ReadOnlySpan<SlicedRow> rows, double order, SlicedBuffers<T> buffers, Execution execution) =>
        Cpu.SlicedCost.Run(rows, order, buffers, execution);

    public override void VectorMap<T>(
        VectorOperation operation, ReadOnlySpan<long> starts, ReadOnlySpan<double> alphas, BackendBuffer<T> x, BackendBuffer<T> y, Execution execution) =>
        VectorVerb.Map(operation, starts, alphas, (HostBuffer<T>)x, (HostBuffer<T>)y, execution);

    public override void VectorReduce<T>(
        VectorOperation operation, ReadOnlySpan<long> starts, BackendBuffer<T> x, BackendBuffer<double> results, Execution execution) =>
        VectorVerb.Reduce(operation, starts, (HostBuffer<T>)x, (HostBuffer<double>)results, execution);

    public override void VectorGroupSum<T>(
        ReadOnlySpan<long> groups,
        ReadOnlySpan<long> places,
        ReadOnlySpan<double> weights,
        long length,
        BackendBuffer<T> x,
        BackendBuffer<double> y,
        Execution execution) =>
        VectorVerb.GroupSum(groups, places, weights, length, (HostBuffer<T>)x, (HostBuffer<double>)y, execution);

    public override void GromovConstants<T>(
        ReadOnlySpan<GromovInner> inners, BackendBuffer<T> costs, BackendBuffer<double> weights, BackendBuffer<double> constants, Execution execution) =>
        Cpu.GromovConstants.Run(inners, (HostBuffer<T>)costs, (HostBuffer<double>)weights, (HostBuffer<double>)constants, execution);

    public override void GromovPlan<T>(
        LoadedTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        BackendBuffer<T> plans,
        BackendBuffer<double> marginals,
        BackendBuffer<double> moved,
        Execution execution)
    {
        GromovRow.RequireWithin(table.Table, rows, plans.Length, long.MaxValue);
        TableLoop.Run(
            table.Table,
            onGrids: false,
            execution,
            Plans<T>(),
            new GromovPlan.Work<T>(
                table.Table,
                Cpu.GromovPlan.Places(table.Table, rows),
                rows.ToArray(),
                epsilons,
                (HostBuffer<double>)potentials,
                (HostBuffer<T>)plans,
                (HostBuffer<double>)marginals,
                (HostBuffer<double>)moved,
                execution));
    }

    public override void GromovGradient<T>(
        LoadedTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        BackendBuffer<double> constants,
        BackendBuffer<T> plans,
        BackendBuffer<T> features,
        BackendBuffer<T> gradients,
        BackendBuffer<double> sums,
        Execution execution) =>
        Cpu.GromovGradient.Run(
            table.Table, rows, (HostBuffer<double>)constants, (HostBuffer<T>)plans, (HostBuffer<T>)features, (HostBuffer<T>)gradients, (HostBuffer<double>)sums, execution);

    public override void Dispose()
    {
        _floatSweeps.Dispose();
        _doubleSweeps.Dispose();
        _floatSharedSweeps.Dispose();
        _doubleSharedSweeps.Dispose();
        _floatPlans.Dispose();
        _doublePlans.Dispose();
        _floatGrids.Dispose();
        _doubleGrids.Dispose();
    }

    private static WorkerPool<TWorker> Pool<T, TFloat, TDouble, TWorker>(WorkerPool<TFloat> ofFloat, WorkerPool<TDouble> ofDouble)
        where TFloat : class, IWorker, new()
        where TDouble : class, IWorker, new()
        where TWorker : class, IWorker, new() =>
        typeof(T) == typeof(float) ? (WorkerPool<TWorker>)(object)ofFloat : (WorkerPool<TWorker>)(object)ofDouble;

    private WorkerPool<PlanWorker<T>> Plans<T>()
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Pool<T, PlanWorker<float>, PlanWorker<double>, PlanWorker<T>>(_floatPlans, _doublePlans);

    private WorkerPool<GridProblem<T>> Grids<T>()
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Pool<T, GridProblem<float>, GridProblem<double>, GridProblem<T>>(_floatGrids, _doubleGrids);
}

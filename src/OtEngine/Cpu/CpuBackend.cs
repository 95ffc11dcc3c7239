using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>The seam on SIMD. A verb is the file of its name; here a table's rows are handed to it, over threads.</summary>
internal sealed class CpuBackend : Backend
{
    public override LoadedTable<T> Load<T>(ProblemTable<T> table) => new CpuTable<T>(table);

    public override BackendBuffer<T> Allocate<T>(long length) => new HostBuffer<T>(length);

    public override void CostReduce<T>(LoadedTable<T> table, Span<CostStatistics> statistics, Execution execution)
    {
        for (int k = 0; k < statistics.Length; k++)
            statistics[k] = Cpu.CostReduce.Run(table.Table.Geometries[k], execution);
    }

    public override void SinkhornSweep<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        BackendBuffer<SinkhornState> states,
        BackendBuffer<double> potentials,
        long budget,
        Execution execution) =>
        Cpu.SinkhornSweep.Run(table.Table, stages, (HostBuffer<SinkhornState>)states, (HostBuffer<double>)potentials, budget, execution);

    public override void PlanReduce<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<double> epsilons,
        BackendBuffer<double> potentials,
        BackendBuffer<double>? marginals,
        bool bracket,
        Memory<PlanReduction> reductions,
        Execution execution) =>
        TableLoop.Run(table.Table, execution, static () => new PlanWorker<T>(), (worker, row) =>
        {
            ProblemRow problem = Take(worker, table, row, epsilons.Span[row], potentials, execution);
            reductions.Span[row] = Cpu.PlanReduce.Run(
                worker,
                table.Table.Geometries[problem.Geometry],
                marginals is null ? [] : ((HostBuffer<double>)marginals).Span(problem.PotentialsA, problem.Rows),
                marginals is null ? [] : ((HostBuffer<double>)marginals).Span(problem.PotentialsB, problem.Columns),
                bracket,
                execution);
        });

    public override void SoftMin<T>(LoadedTable<T> table, ReadOnlyMemory<double> epsilons, BackendBuffer<double> potentials, Execution execution) =>
        TableLoop.Run(table.Table, execution, static () => new PlanWorker<T>(), (worker, row) =>
        {
            ProblemRow problem = Take(worker, table, row, epsilons.Span[row], potentials, execution);
            if (worker.Rows == problem.Rows && worker.Columns == problem.Columns)
                return;
            HostBuffer<double> host = (HostBuffer<double>)potentials;
            Span<double> f = host.Span(problem.PotentialsA, problem.Rows);
            Span<double> g = host.Span(problem.PotentialsB, problem.Columns);
            MasslessSoftMin.Run(worker, table.Table.Geometries[problem.Geometry], f, g, execution);
        });

    public override LoadedPlan LoadPlan<T>(
        LoadedTable<T> table, int row, double epsilon, BackendBuffer<double> potentials, bool keep, Execution execution)
    {
        PlanWorker<T> worker = new();
        ProblemRow problem = Take(worker, table, row, epsilon, potentials, execution);
        return new CpuPlan<T>(worker, table.Table.Geometries[problem.Geometry], keep, execution);
    }

    public override void Dispose()
    {
    }

    private static ProblemRow Take<T>(
        PlanWorker<T> worker, LoadedTable<T> table, int row, double epsilon, BackendBuffer<double> potentials, Execution execution)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        ProblemRow problem = table.Table.Rows[row];
        HostBuffer<double> host = (HostBuffer<double>)potentials;
        ReadOnlySpan<double> f = host.Span(problem.PotentialsA, problem.Rows);
        ReadOnlySpan<double> g = host.Span(problem.PotentialsB, problem.Columns);
        worker.Take(table.Table, row, epsilon, f, g, execution.Threads);
        return problem;
    }

    /// <summary>The table is in host memory already.</summary>
    private sealed class CpuTable<T>(ProblemTable<T> table) : LoadedTable<T>(table)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        public override void Dispose()
        {
        }
    }
}

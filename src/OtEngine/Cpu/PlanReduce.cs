using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>The verb PlanReduce: sums over a plan given by its potentials, which <see cref="PlanReductionRule"/> makes errors and bounds of.</summary>
internal static class PlanReduce
{
    /// <param name="worker">Holds the plan.</param>
    /// <param name="geometry">Its costs.</param>
    /// <param name="rowSums">Receives sum_j P_ij, zero without mass; empty if not wanted, or if a bracket is, which uses the sums up.</param>
    /// <param name="columnSums">Receives sum_i P_ij; empty if not wanted.</param>
    /// <param name="bracket">Whether bounds are wanted.</param>
    /// <param name="execution">Threads and cancellation.</param>
    private static unsafe PlanReduction Run<T>(
        PlanWorker<T> worker, Geometry<T> geometry, Span<double> rowSums, Span<double> columnSums, bool bracket, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        User<T> user = new(worker, bracket, execution);
        worker.RowsFactory.Use(geometry, worker.Support.Sources, worker.Support.Sinks, execution.CostMatrixBudget, ref user, execution.Cancellation);
        rowSums.Clear();
        columnSums.Clear();
        for (int i = 0; i < worker.Rows && !rowSums.IsEmpty; i++)
            rowSums[worker.Support.Sources[i]] = worker.RowSums[i];
        for (int j = 0; j < worker.Columns && !columnSums.IsEmpty; j++)
            columnSums[worker.Support.Sinks[j]] = worker.ColumnSums[j];
        return user.Reduction;
    }

    private static unsafe PlanReduction Reduce<T, TRows>(PlanWorker<T> worker, in TRows rows, bool bracket, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRows : struct, ICostRows
    {
        double cost = worker.Reduce(rows, execution);
        (int n, int m) = (worker.Rows, worker.Columns);
        PlanReduction reduction = PlanReductionRule.Measure(
            worker.Support.A,
            worker.Support.B,
            new Span<double>(worker.F, n),
            new Span<double>(worker.G, m),
            new Span<double>(worker.RowSums, n),
            new Span<double>(worker.ColumnSums, m),
            cost,
            1 / (worker.Scale * SinkhornSweep.Ln2));
        return bracket ? PlanReductionRule.WithBracket(reduction, LowerBound(worker, rows, execution), UpperBound(worker, rows, execution)) : reduction;
    }

    private static unsafe double LowerBound<T, TRows>(PlanWorker<T> worker, in TRows rows, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRows : struct, ICostRows
    {
        double[] f = new double[worker.Rows];
        double[] g = new double[worker.Columns];
        for (int j = 0; j < g.Length; j++)
            g[j] = -PlanReductionRule.Proven(worker.G[j]);
        if (worker.IsSpread)
        {
            SoftMin.Rows(rows, 1, g, f, null, execution);
            TensorPrimitives.Negate(f, f);
            SoftMin.Columns(rows, f, g, execution);
            TensorPrimitives.Negate(f, f);
        }
        else
        {
            for (int i = 0; i < f.Length; i++)
            {
                execution.Cancellation.ThrowIfCancellationRequested();
                f[i] = CostRowsOperations.Minimum(rows, i, g, 0);
            }

            Array.Fill(g, double.PositiveInfinity);
            for (int i = 0; i < f.Length; i++)
            {
                execution.Cancellation.ThrowIfCancellationRequested();
                CostRowsOperations.LowerColumns(rows, i, f[i], g);
            }
        }

        return PlanReductionRule.LowerBound(worker.Support.A, worker.Support.B, f, g);
    }

    /// <summary>Uses up F, G and the sums of the worker.</summary>
    private static unsafe double UpperBound<T, TRows>(PlanWorker<T> worker, in TRows rows, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRows : struct, ICostRows
    {
        (int n, int m) = (worker.Rows, worker.Columns);
        PlanReductionRule.RowFactors(worker.Support.A, new Span<double>(worker.RowSums, n), new Span<double>(worker.F, n));
        worker.ApplyTransposed(rows, worker.F, worker.ColumnSums, execution);
        double missingB = PlanReductionRule.ColumnFactors(worker.Support.B, new Span<double>(worker.ColumnSums, m), new Span<double>(worker.G, m));
        double cost = worker.ReduceScaled(rows, worker.F, worker.G, execution);
        double missingA = PlanReductionRule.MissingRows(worker.Support.A, new Span<double>(worker.RowSums, n));
        double fill = Math.Max(missingA, missingB);
        double fillCost = fill > 0 ? worker.Bilinear(rows, worker.RowSums, worker.ColumnSums, execution) : 0;
        return PlanReductionRule.UpperBound(cost, fillCost, fill);
    }

    public readonly struct Work<T>(
        ProblemTable<T> table,
        ReadOnlyMemory<double> epsilons,
        HostBuffer<double> potentials,
        HostBuffer<double>? marginals,
        bool bracket,
        Memory<PlanReduction> reductions,
        Execution execution) : ITableWork<PlanWorker<T>>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(PlanWorker<T> worker, int row)
        {
            ProblemRow problem = table.Rows[row];
            worker.Take(table, row, epsilons.Span[row], potentials, execution.Threads);
            Span<double> rowSums = marginals is null ? [] : marginals.Span(problem.PotentialsA, problem.Rows);
            Span<double> columnSums = marginals is null ? [] : marginals.Span(problem.PotentialsB, problem.Columns);
            reductions.Span[row] = PlanReduce.Run(worker, table.Geometries[problem.Geometry], rowSums, columnSums, bracket, execution);
        }
    }

    private struct User<T>(PlanWorker<T> worker, bool bracket, Execution execution) : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public PlanReduction Reduction;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => Reduction = Reduce(worker, rows, bracket, execution);
    }
}

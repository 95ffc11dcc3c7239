using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verb SoftMin at eps > 0, for the atoms that have no mass: f_i = -eps ln sum_j b_j exp((g_j - C_ij) / eps), and g_j likewise,
/// sums over the atoms that have some. Sums are shifted by their maxima.
/// </summary>
internal static class MasslessSoftMin
{
    private static unsafe void Run<T>(PlanWorker<T> worker, Geometry<T> geometry, Span<double> f, Span<double> g, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<int> sources = worker.Support.MasslessSources;
        ReadOnlySpan<int> sinks = worker.Support.MasslessSinks;
        double* potentials = worker.MasslessScratch;
        if (sources.Length > 0)
        {
            RowUser<T> user = new(worker, potentials, execution.Cancellation);
            worker.RowsFactory.Use(geometry, sources, worker.Support.Sinks, 0, ref user, execution.Cancellation);
            for (int k = 0; k < sources.Length; k++)
                f[sources[k]] = potentials[k];
        }

        if (sinks.Length > 0)
        {
            ColumnUser<T> user = new(worker, potentials, execution.Cancellation);
            worker.RowsFactory.Use(geometry, worker.Support.Sources, sinks, 0, ref user, execution.Cancellation);
            for (int k = 0; k < sinks.Length; k++)
                g[sinks[k]] = potentials[k];
        }
    }

    public readonly struct Work<T>(ProblemTable<T> table, ReadOnlyMemory<double> epsilons, HostBuffer<double> potentials, Execution execution)
        : ITableWork<PlanWorker<T>>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(PlanWorker<T> worker, int row)
        {
            ProblemRow problem = table.Rows[row];
            worker.Take(table, row, epsilons.Span[row], potentials, execution.Threads);
            if (worker.Rows == problem.Rows && worker.Columns == problem.Columns)
                return;
            Span<double> f = potentials.Span(problem.PotentialsA, problem.Rows);
            Span<double> g = potentials.Span(problem.PotentialsB, problem.Columns);
            MasslessSoftMin.Run(worker, table.Geometries[problem.Geometry], f, g, execution);
        }
    }

    private readonly unsafe struct RowUser<T>(PlanWorker<T> worker, double* potentials, CancellationToken cancellation) : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly double* _potentials = potentials;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            for (int i = 0; i < rows.Rows; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                _potentials[i] = -ShiftedSums.OfRow(rows, i, worker.Scale, worker.V, worker.Stride, worker.ColumnSums) / worker.Scale;
            }
        }
    }

    private readonly unsafe struct ColumnUser<T>(PlanWorker<T> worker, double* potentials, CancellationToken cancellation) : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly double* _potentials = potentials;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            // Largest terms, then sums, behind the potentials; see the size of the scratch.
            int stride = PlanWorker<T>.RoundUp(rows.Columns);
            double* largest = _potentials + stride;
            double* sums = largest + stride;
            new Span<double>(largest, stride).Fill(double.NegativeInfinity);
            new Span<double>(sums, stride).Clear();
            for (int i = 0; i < worker.Rows && !cancellation.IsCancellationRequested; i++)
                ShiftedSums.RaiseColumns(rows, i, worker.Scale, worker.U[i], largest, stride);
            for (int i = 0; i < worker.Rows && !cancellation.IsCancellationRequested; i++)
                ShiftedSums.AddColumns(rows, i, worker.Scale, worker.U[i], largest, sums, stride);
            cancellation.ThrowIfCancellationRequested();
            for (int k = 0; k < rows.Columns; k++)
                _potentials[k] = -(largest[k] + Math.Log2(sums[k])) / worker.Scale;
        }
    }
}

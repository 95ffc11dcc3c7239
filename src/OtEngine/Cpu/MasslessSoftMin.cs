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
    private static void Run<T>(PlanWorker<T> worker, Geometry<T> geometry, Span<double> f, Span<double> g, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int[] sources = Complement(worker.Support.Sources, geometry.Rows);
        int[] sinks = Complement(worker.Support.Sinks, geometry.Columns);
        if (sources.Length > 0)
        {
            RowUser<T> user = new(worker, new double[sources.Length], execution.Cancellation);
            worker.RowsFactory.Use(geometry, sources, worker.Support.Sinks, 0, ref user, execution.Cancellation);
            for (int k = 0; k < sources.Length; k++)
                f[sources[k]] = user.Potentials[k];
        }

        if (sinks.Length > 0)
        {
            ColumnUser<T> user = new(worker, new double[sinks.Length], execution.Cancellation);
            worker.RowsFactory.Use(geometry, worker.Support.Sources, sinks, 0, ref user, execution.Cancellation);
            for (int k = 0; k < sinks.Length; k++)
                g[sinks[k]] = user.Potentials[k];
        }
    }

    private static int[] Complement(ReadOnlySpan<int> increasing, int count)
    {
        int[] rest = new int[count - increasing.Length];
        int next = 0;
        int taken = 0;
        for (int i = 0; i < count; i++)
        {
            if (taken < increasing.Length && increasing[taken] == i)
                taken++;
            else
                rest[next++] = i;
        }

        return rest;
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

    private readonly unsafe struct RowUser<T>(PlanWorker<T> worker, double[] potentials, CancellationToken cancellation) : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public double[] Potentials => potentials;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            for (int i = 0; i < potentials.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                potentials[i] = -ShiftedSums.OfRow(rows, i, worker.Scale, worker.V, worker.Stride, worker.ColumnSums) / worker.Scale;
            }
        }
    }

    private readonly unsafe struct ColumnUser<T>(PlanWorker<T> worker, double[] potentials, CancellationToken cancellation) : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public double[] Potentials => potentials;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            int stride = (potentials.Length + 7) / 8 * 8;
            double[] largest = new double[stride];
            double[] sums = new double[stride];
            Array.Fill(largest, double.NegativeInfinity);
            fixed (double* shifts = largest, totals = sums)
            {
                for (int i = 0; i < worker.Rows && !cancellation.IsCancellationRequested; i++)
                    ShiftedSums.RaiseColumns(rows, i, worker.Scale, worker.U[i], shifts, stride);
                for (int i = 0; i < worker.Rows && !cancellation.IsCancellationRequested; i++)
                    ShiftedSums.AddColumns(rows, i, worker.Scale, worker.U[i], shifts, totals, stride);
            }

            cancellation.ThrowIfCancellationRequested();
            for (int k = 0; k < potentials.Length; k++)
                potentials[k] = -(largest[k] + Math.Log2(sums[k])) / worker.Scale;
        }
    }
}

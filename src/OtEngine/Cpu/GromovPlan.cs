using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>The verb GromovPlan: rows of a plan by <see cref="PlanRows"/>, stored over those of the plan before; columns are summed by parts of rows that depend on the shape alone.</summary>
/// <remarks>In bounds: a plan of n x m lies within its buffer, which is checked; sources and sinks are below n and m.</remarks>
internal static unsafe class GromovPlan
{
    /// <summary>The place of each problem of the table among the rows; -1 where it has none.</summary>
    public static int[] Places<T>(ProblemTable<T> table, ReadOnlySpan<GromovRow> rows)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int[] places = new int[table.Rows.Length];
        Array.Fill(places, -1);
        for (int k = 0; k < rows.Length; k++)
            places[rows[k].Problem] = k;
        return places;
    }

    public readonly struct Work<T>(
        ProblemTable<T> table,
        int[] places,
        GromovRow[] rows,
        ReadOnlyMemory<double> epsilons,
        HostBuffer<double> potentials,
        HostBuffer<T> plans,
        HostBuffer<double> marginals,
        HostBuffer<double> moved,
        Execution execution) : ITableWork<PlanWorker<T>>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(PlanWorker<T> worker, int row)
        {
            if (places[row] < 0)
                return;
            ProblemRow problem = table.Rows[row];
            worker.Take(table, row, epsilons.Span[row], potentials, execution.Threads);
            Span<double> rowSums = marginals.Span(problem.PotentialsA, problem.Rows);
            Span<double> columnSums = marginals.Span(problem.PotentialsB, problem.Columns);
            rowSums.Clear();
            columnSums.Clear();
            moved.Span(problem.PotentialsA, problem.Rows).Clear();
            User<T> user = new(worker, plans.Start + rows[places[row]].Matrix, problem.Columns, moved.Start + problem.PotentialsA, execution);
            worker.RowsFactory.Use(table.Geometries[problem.Geometry], worker.Support.Sources, worker.Support.Sinks, 0, ref user, execution.Cancellation);
            for (int i = 0; i < worker.Rows; i++)
                rowSums[worker.Support.Sources[i]] = worker.RowSums[i];
            for (int j = 0; j < worker.Columns; j++)
                columnSums[worker.Support.Sinks[j]] = worker.ColumnSums[j];
        }
    }

    private readonly struct User<T>(PlanWorker<T> worker, T* plan, int columns, double* moved, Execution execution) : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _plan = plan;
        private readonly double* _moved = moved;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            worker.RunParts(new PartTask<T, TRows>(worker, rows, _plan, columns, _moved, execution.Cancellation), execution);
            worker.SumColumns(worker.ColumnSums);
        }
    }

    private readonly struct PartTask<T, TRows>(PlanWorker<T> worker, TRows rows, T* plan, int columns, double* moved, CancellationToken cancellation) : IPartTask
        where T : unmanaged, IFloatingPointIeee754<T>
        where TRows : struct, ICostRows
    {
        private readonly T* _plan = plan;
        private readonly double* _moved = moved;

        public void Run(int part, int lane)
        {
            ReadOnlySpan<int> sources = worker.Support.Sources;
            ReadOnlySpan<int> sinks = worker.Support.Sinks;
            double* sums = worker.PartSums(part);
            NativeMemory.Clear(sums, (nuint)worker.Stride * sizeof(double));
            for (int i = worker.StartOf(part); i < worker.EndOf(part) && !cancellation.IsCancellationRequested; i++)
            {
                double* w = worker.RowOf(rows, i, i, lane);
                T* place = _plan + ((long)sources[i] * columns);
                (worker.RowSums[i], _moved[sources[i]]) = sinks.Length == columns ? GromovRows.Store(w, columns, place) : GromovRows.Scatter(w, sinks, place);
                PlanRows.AddScaled(w, 1, sums, worker.Stride);
            }
        }
    }
}

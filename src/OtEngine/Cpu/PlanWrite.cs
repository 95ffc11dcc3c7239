using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>The verb PlanWrite: some rows of a plan, all columns, zero where there is no mass.</summary>
internal static class PlanWrite
{
    public static void Run<T>(PlanWorker<T> worker, Geometry<T> geometry, int first, int count, Memory<double> destination, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        destination.Span.Clear();
        User<T> user = new(worker, geometry.Columns, first, count, destination, execution);
        worker.RowsFactory.Use(geometry, worker.Support.Sources, worker.Support.Sinks, 0, ref user, execution.Cancellation);
    }

    private readonly unsafe struct User<T>(PlanWorker<T> worker, int columns, int first, int count, Memory<double> destination, Execution execution)
        : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            ReadOnlySpan<int> sinks = worker.Support.Sinks;
            double* w = worker.ColumnSums;
            for (int i = 0; i < worker.Rows; i++)
            {
                int row = worker.Support.Sources[i] - first;
                if (row < 0 || row >= count)
                    continue;
                execution.Cancellation.ThrowIfCancellationRequested();
                PlanRows.Write(rows, i, worker.Scale, worker.U[i], worker.V, w, worker.Stride);
                Span<double> written = destination.Span.Slice(checked(row * columns), columns);
                for (int k = 0; k < sinks.Length; k++)
                    written[sinks[k]] = w[k];
            }
        }
    }
}

using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>The verb PlanApply: P V or P^T V for thin V, in double, without ever storing P; massless rows give zero.</summary>
internal static class PlanApply
{
    public static void Run<T>(
        PlanWorker<T> worker,
        Geometry<T> geometry,
        bool transposed,
        ReadOnlyMemory<double> values,
        int width,
        Memory<double> destination,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        User<T> user = new(worker, transposed, values, width, destination, execution);
        destination.Span.Clear();
        worker.RowsFactory.Use(geometry, worker.Support.Sources, worker.Support.Sinks, execution.CostMatrixBudget, ref user, execution.Cancellation);
    }

    private readonly unsafe struct User<T>(
        PlanWorker<T> worker, bool transposed, ReadOnlyMemory<double> values, int width, Memory<double> destination, Execution execution)
        : ICostRowsUser
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            if (transposed)
                ApplyTransposed(rows);
            else
                Apply(rows);
        }

        private void Apply<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            ReadOnlySpan<int> sinks = worker.Support.Sinks;
            using HostBuffer<double> columns = new((long)width * worker.Stride);
            using HostBuffer<double> images = new((long)width * worker.Rows);
            for (int c = 0; c < width; c++)
            {
                double* column = columns.Start + ((long)c * worker.Stride);
                for (int k = 0; k < worker.Stride; k++)
                    column[k] = k < sinks.Length ? values.Span[(sinks[k] * width) + c] : 0;
            }

            worker.Apply(rows, columns.Start, width, images.Start, execution);
            for (int k = 0; k < worker.Rows; k++)
                images.Span((long)k * width, width).CopyTo(destination.Span[(worker.Support.Sources[k] * width)..]);
        }

        private void ApplyTransposed<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            // The sums of the worker serve as the compact vectors.
            ReadOnlySpan<int> sources = worker.Support.Sources;
            ReadOnlySpan<int> sinks = worker.Support.Sinks;
            for (int c = 0; c < width; c++)
            {
                for (int k = 0; k < sources.Length; k++)
                    worker.RowSums[k] = values.Span[(sources[k] * width) + c];
                worker.ApplyTransposed(rows, worker.RowSums, worker.ColumnSums, execution);
                for (int k = 0; k < sinks.Length; k++)
                    destination.Span[(sinks[k] * width) + c] = worker.ColumnSums[k];
            }
        }
    }
}

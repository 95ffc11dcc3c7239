using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verbs PlanApply and PlanWrite. Rows of P are computed where they are needed, one at a time, or, where many applications
/// are to come and the memory allows it, once.
/// </summary>
internal sealed unsafe class CpuPlan<T> : LoadedPlan
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly PlanWorker<T> _worker;
    private readonly Geometry<T> _geometry;
    private readonly ScratchBuffer<double> _columns = new();
    private readonly ScratchBuffer<double> _images = new();

    public CpuPlan(PlanWorker<T> worker, Geometry<T> geometry, bool keep, Execution execution)
    {
        _worker = worker;
        _geometry = geometry;
        if (keep && (long)worker.Rows * worker.Stride * sizeof(double) <= execution.CostMatrixBudget)
        {
            KeepUser user = new(worker, execution);
            Use(ref user, execution);
        }
    }

    public override void Apply(bool transposed, ReadOnlySpan<double> values, int width, Span<double> destination, Execution execution)
    {
        destination.Clear();
        ReadOnlySpan<int> sources = _worker.Support.Sources;
        ReadOnlySpan<int> sinks = _worker.Support.Sinks;
        if (transposed)
        {
            // The sums of the worker serve as the compact vectors.
            for (int c = 0; c < width; c++)
            {
                for (int k = 0; k < sources.Length; k++)
                    _worker.RowSums[k] = values[(sources[k] * width) + c];
                ApplyTransposedUser user = new(_worker, execution);
                Use(ref user, execution);
                for (int k = 0; k < sinks.Length; k++)
                    destination[(sinks[k] * width) + c] = _worker.ColumnSums[k];
            }
        }
        else
        {
            double* columns = _columns.Take((long)width * _worker.Stride);
            double* images = _images.Take((long)width * _worker.Rows);
            for (int c = 0; c < width; c++)
            {
                double* column = columns + ((long)c * _worker.Stride);
                for (int k = 0; k < _worker.Stride; k++)
                    column[k] = k < sinks.Length ? values[(sinks[k] * width) + c] : 0;
            }

            ApplyUser user = new(_worker, columns, width, images, execution);
            Use(ref user, execution);
            for (int k = 0; k < sources.Length; k++)
                new ReadOnlySpan<double>(images + ((long)k * width), width).CopyTo(destination[(sources[k] * width)..]);
        }
    }

    public override void Write(int first, int count, Span<double> destination, Execution execution)
    {
        destination.Clear();
        ReadOnlySpan<int> sources = _worker.Support.Sources;
        int from = FirstAtLeast(sources, first);
        int to = FirstAtLeast(sources, first + count);
        if (from == to)
            return;
        fixed (double* start = destination)
        {
            WriteUser user = new(_worker, _geometry.Columns, first, from, start, execution.Cancellation);
            if (_worker.IsKept)
                user.Write(default(DenseCostRows<T>), 0, from, to);
            else
                _worker.RowsFactory.Use(_geometry, sources[from..to], _worker.Support.Sinks, 0, ref user, execution.Cancellation);
        }
    }

    public override void Dispose()
    {
        _worker.Dispose();
        _columns.Dispose();
        _images.Dispose();
    }

    private static int FirstAtLeast(ReadOnlySpan<int> increasing, int value)
    {
        int place = increasing.BinarySearch(value);
        return place >= 0 ? place : ~place;
    }

    private void Use<TUser>(ref TUser user, Execution execution)
        where TUser : struct, ICostRowsUser
    {
        // A plan that is kept needs no costs.
        if (_worker.IsKept)
            user.Use(default(DenseCostRows<T>));
        else
            _worker.RowsFactory.Use(_geometry, _worker.Support.Sources, _worker.Support.Sinks, 0, ref user, execution.Cancellation);
    }

    private readonly struct KeepUser(PlanWorker<T> worker, Execution execution) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => worker.Keep(rows, execution);
    }

    private readonly struct ApplyTransposedUser(PlanWorker<T> worker, Execution execution) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => worker.ApplyTransposed(rows, worker.RowSums, worker.ColumnSums, execution);
    }

    private readonly struct ApplyUser(PlanWorker<T> worker, double* columns, int width, double* images, Execution execution) : ICostRowsUser
    {
        private readonly double* _columns = columns;
        private readonly double* _images = images;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => worker.Apply(rows, _columns, width, _images, execution);
    }

    /// <summary>Writes sources from .. of the worker; the cost rows handed over are those of these sources alone.</summary>
    private readonly struct WriteUser(
        PlanWorker<T> worker, int columns, int first, int from, double* destination, CancellationToken cancellation) : ICostRowsUser
    {
        private readonly double* _destination = destination;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => Write(rows, from, from, from + rows.Rows);

        public void Write<TRows>(in TRows rows, int firstRow, int start, int end)
            where TRows : struct, ICostRows
        {
            ReadOnlySpan<int> sources = worker.Support.Sources;
            ReadOnlySpan<int> sinks = worker.Support.Sinks;
            for (int i = start; i < end; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                double* w = worker.RowOf(rows, i - firstRow, i, 0);
                for (int k = 0; k < sinks.Length; k++)
                    _destination[((long)(sources[i] - first) * columns) + sinks[k]] = w[k];
            }
        }
    }
}

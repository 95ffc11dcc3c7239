using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// Sweeps of a few histograms on one <see cref="GibbsKernel{T}"/>: u = 1 / K (b v), v = 1 / K^T (a u), over-relaxed like any other sweep. A
/// block of rows of K is read from memory once and used by all of them while it is in cache: the matrix products K V and
/// K^T U in one pass. The arithmetic of a histogram is the same with and without neighbours.
/// </summary>
/// <remarks>In bounds: vectors of side a are sized by the padded rows of K, those of side b by its stride; see <see cref="Size"/>.</remarks>
internal sealed unsafe class SharedSweepWorker<T> : IWorker
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Histograms that share a pass: their vectors of side b stay in the second cache.</summary>
    public const int MostHistograms = 8;

    /// <summary>Bytes of a block of rows: what the first cache holds beside one histogram's vectors.</summary>
    private const int BlockBytes = 16 << 10;

    private const int MostParts = 32;
    private const int FoldRows = 256;
    private readonly ScratchBuffer<T> _elements = new();
    private readonly ScratchBuffer<double> _doubles = new();
    private readonly Histogram[] _histograms = new Histogram[MostHistograms];
    private GibbsKernel<T> _kernel = null!;
    private int _count;
    private int _blockRows;
    private int _partRows;
    private int _parts;
    private int _lanes;
    private T* _chunks;

    public long HeldBytes => _elements.Bytes + _doubles.Bytes;

    public void Forget() => _kernel = null!;

    public void Dispose()
    {
        _elements.Dispose();
        _doubles.Dispose();
    }

    /// <summary>Takes some problems on one kernel through at most <paramref name="budget"/> sweeps each.</summary>
    public void Run(
        GibbsKernel<T> kernel,
        ProblemTable<T> table,
        ReadOnlySpan<int> rows,
        ReadOnlySpan<SinkhornStage> stages,
        HostBuffer<SinkhornState> states,
        HostBuffer<double> potentials,
        long budget,
        Execution execution)
    {
        Size(kernel, rows.Length, execution.Threads);
        for (int h = 0; h < rows.Length; h++)
            Take(ref _histograms[h], table, rows[h], states, potentials);
        long left = budget;
        for (bool running = true; running && left > 0; left--)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            Sweep(execution.Cancellation);
            running = false;
            for (int h = 0; h < rows.Length; h++)
            {
                Advance(ref _histograms[h], rows[h], stages, execution);
                running |= _histograms[h].Runs;
            }
        }

        for (int h = 0; h < rows.Length; h++)
            Give(ref _histograms[h], table, rows[h], states, potentials);
    }

    /// <summary>Lays out the memory and the fixed partition, which depend on the shape alone.</summary>
    private void Size(GibbsKernel<T> kernel, int count, int threads)
    {
        _kernel = kernel;
        _count = count;
        _blockRows = Math.Clamp((int)(BlockBytes / ((long)kernel.Stride * sizeof(T))) / GibbsKernel<T>.Padding * GibbsKernel<T>.Padding, GibbsKernel<T>.Padding, FoldRows);
        int least = Math.Max(FoldRows, (kernel.PaddedRows + MostParts - 1) / MostParts);
        _partRows = (least + GibbsKernel<T>.Padding - 1) / GibbsKernel<T>.Padding * GibbsKernel<T>.Padding;
        _parts = (kernel.PaddedRows + _partRows - 1) / _partRows;
        _lanes = (long)kernel.Rows * kernel.Columns >= TableLoop.SpreadFrom ? Math.Min(threads, _parts) : 1;
        long each = (5L * kernel.PaddedRows) + (6L * kernel.Stride);
        T* elements = _elements.Take((count * each) + ((long)_lanes * kernel.Stride * count));
        double* doubles = _doubles.Take((long)count * _parts * (kernel.Stride + 1));
        for (int h = 0; h < count; h++)
            _histograms[h].Lay(elements + (h * each), doubles + ((long)h * _parts * (kernel.Stride + 1)), kernel.PaddedRows, kernel.Stride, _parts);
        _chunks = elements + (count * each);
    }

    private void Take(ref Histogram histogram, ProblemTable<T> table, int row, HostBuffer<SinkhornState> states, HostBuffer<double> potentials)
    {
        ProblemRow problem = table.Rows[row];
        histogram.State = states.Span(row, 1)[0];
        histogram.Swept = false;
        bool cold = histogram.State.Cold != 0;
        Span<double> f = cold ? [] : potentials.Span(problem.PotentialsA, problem.Rows);
        Span<double> g = cold ? [] : potentials.Span(problem.PotentialsB, problem.Columns);
        bool fits = TakeSide(table.WeightsA(problem), histogram.A, histogram.U, histogram.X, _kernel.PaddedRows, f, _kernel.F);
        fits &= TakeSide(table.WeightsB(problem), histogram.B, histogram.V, histogram.Y, _kernel.Stride, g, _kernel.G);
        histogram.Runs = fits;
        histogram.State.Alone = fits ? 0 : 1;
    }

    /// <summary>
    /// Shares, scalings exp((f - f0) / eps) and their products; scalings too far from one are what the guards see. False if a share is so
    /// small that this is no place for it.
    /// </summary>
    private bool TakeSide(ReadOnlySpan<T> weights, T* shares, T* scaling, T* weighted, int padded, ReadOnlySpan<double> potential, double[] origin)
    {
        CompensatedSum total = default;
        foreach (T weight in weights)
            total.Add(double.CreateTruncating(weight));
        bool fits = true;
        for (int k = 0; k < padded; k++)
        {
            bool massive = k < weights.Length && weights[k] > T.Zero;
            shares[k] = massive ? T.CreateTruncating(double.CreateTruncating(weights[k]) / total.Value) : T.Zero;
            scaling[k] = massive && !potential.IsEmpty ? T.CreateTruncating(Math.Pow(2, (potential[k] - origin[k]) * _kernel.Scale)) : T.One;
            weighted[k] = shares[k] * scaling[k];
            fits &= !massive || double.CreateTruncating(shares[k]) >= SinkhornWorker<T>.LeastShare;
        }

        return fits;
    }

    private void Give(ref Histogram histogram, ProblemTable<T> table, int row, HostBuffer<SinkhornState> states, HostBuffer<double> potentials)
    {
        states.Span(row, 1)[0] = histogram.State;
        if (!histogram.Swept)
            return;
        ProblemRow problem = table.Rows[row];
        Span<double> f = potentials.Span(problem.PotentialsA, problem.Rows);
        Span<double> g = potentials.Span(problem.PotentialsB, problem.Columns);
        for (int i = 0; i < f.Length; i++)
            f[i] = _kernel.F[i] + (Math.Log2(double.CreateTruncating(histogram.U[i])) / _kernel.Scale);
        for (int j = 0; j < g.Length; j++)
            g[j] = _kernel.G[j] + (Math.Log2(double.CreateTruncating(histogram.V[j])) / _kernel.Scale);
    }

    private void Sweep(CancellationToken cancellation)
    {
        PartLoop.Run(_parts, _lanes, new PartTask(this, cancellation));
        cancellation.ThrowIfCancellationRequested();
        for (int h = 0; h < _count; h++)
        {
            if (_histograms[h].Runs)
                UpdateColumns(ref _histograms[h]);
        }
    }

    private void UpdateColumns(ref Histogram histogram)
    {
        ScalingBounds bounds = new(ScalingBounds.Staying);
        histogram.ErrorA = 0;
        for (int part = 0; part < _parts; part++)
        {
            histogram.ErrorA += histogram.PartErrors[part];
            bounds.Include(histogram.PartBounds[part]);
        }

        KernelRows.SumParts(histogram.PartSums, _parts, _kernel.Stride, histogram.ColumnSums);
        histogram.ErrorB = Scalings.Update(
            _kernel.Stride, histogram.State.Omega, histogram.B, histogram.ColumnSums, histogram.V, histogram.VNext, histogram.YNext, ref bounds);
        histogram.Unsafe = bounds.Unsafe;
    }

    /// <summary>Commits a sweep, or leaves the problem to go on alone.</summary>
    private static void Advance(ref Histogram histogram, int row, ReadOnlySpan<SinkhornStage> stages, Execution execution)
    {
        if (!histogram.Runs)
            return;
        if (histogram.Unsafe)
        {
            histogram.State.Alone = 1;
            histogram.Runs = false;
            return;
        }

        histogram.Swap();
        histogram.Swept = true;
        histogram.State.Cold = 0;
        SinkhornStage stage = stages[histogram.State.Stage];
        SinkhornRule.Advance(ref histogram.State, stage, histogram.ErrorA, histogram.ErrorB);
        execution.Record(row, ref histogram.State, stage.Epsilon);
        execution.Report(histogram.State.Sweeps);
        histogram.Runs = histogram.State.Phase == SinkhornPhase.Running;
    }

    private void SweepPart(int part, int lane, CancellationToken cancellation)
    {
        int stride = _kernel.Stride;
        int first = part * _partRows;
        int end = Math.Min(first + _partRows, _kernel.PaddedRows);
        T* chunks = _chunks + ((long)lane * _count * stride);
        NativeMemory.Clear(chunks, (nuint)((long)_count * stride * sizeof(T)));
        for (int h = 0; h < _count; h++)
        {
            NativeMemory.Clear(_histograms[h].PartSums + ((long)part * stride), (nuint)stride * sizeof(double));
            _histograms[h].PartErrors[part] = 0;
            _histograms[h].PartBounds[part] = new ScalingBounds(ScalingBounds.Staying);
        }

        int unfolded = 0;
        for (int block = first; block < end && !cancellation.IsCancellationRequested; block += _blockRows)
        {
            int count = Math.Min(_blockRows, end - block);
            T* kernel = _kernel.Start + ((long)block * stride);
            for (int h = 0; h < _count; h++)
            {
                ref Histogram histogram = ref _histograms[h];
                if (!histogram.Runs)
                    continue;
                KernelRows.Dots(kernel, count, stride, stride, histogram.Y, histogram.RowSums + block);
                histogram.PartErrors[part] += Scalings.Update(
                    count,
                    histogram.State.Omega,
                    histogram.A + block,
                    histogram.RowSums + block,
                    histogram.U + block,
                    histogram.UNext + block,
                    histogram.X + block,
                    ref histogram.PartBounds[part]);
                KernelRows.Accumulate(kernel, count, stride, histogram.X + block, chunks + ((long)h * stride));
            }

            unfolded += count;
            if (unfolded < FoldRows && block + count < end)
                continue;
            unfolded = 0;
            for (int h = 0; h < _count; h++)
                KernelRows.Fold(chunks + ((long)h * stride), stride, _histograms[h].PartSums + ((long)part * stride));
        }
    }

    private readonly struct PartTask(SharedSweepWorker<T> worker, CancellationToken cancellation) : IPartTask
    {
        public void Run(int part, int lane) => worker.SweepPart(part, lane, cancellation);
    }

    /// <summary>One histogram pair in work: state, weights and scalings in the memory of the worker.</summary>
    private struct Histogram
    {
        public SinkhornState State;
        public bool Runs;
        public bool Unsafe;
        public bool Swept;
        public double ErrorA;
        public double ErrorB;
        public T* A;
        public T* U;
        public T* UNext;
        public T* X;
        public T* RowSums;
        public T* B;
        public T* V;
        public T* VNext;
        public T* Y;
        public T* YNext;
        public T* ColumnSums;
        public double* PartSums;
        public double* PartErrors;
        public ScalingBounds[] PartBounds;

        public void Lay(T* elements, double* doubles, int rows, int stride, int parts)
        {
            A = elements;
            U = A + rows;
            UNext = U + rows;
            X = UNext + rows;
            RowSums = X + rows;
            B = RowSums + rows;
            V = B + stride;
            VNext = V + stride;
            Y = VNext + stride;
            YNext = Y + stride;
            ColumnSums = YNext + stride;
            PartSums = doubles;
            PartErrors = doubles + ((long)parts * stride);
            if (PartBounds is null || PartBounds.Length < parts)
                PartBounds = new ScalingBounds[parts];
        }

        public void Swap()
        {
            T* kept = U;
            U = UNext;
            UNext = kept;
            kept = V;
            V = VNext;
            VNext = kept;
            kept = Y;
            Y = YNext;
            YNext = kept;
        }
    }
}

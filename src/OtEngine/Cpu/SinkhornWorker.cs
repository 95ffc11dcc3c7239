using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// Runs the sweeps of one problem after another in memory it keeps; see <see cref="SinkhornSweep"/> for what a sweep is. Atoms
/// without mass are left out.
/// </summary>
/// <remarks>
/// Potentials are f, g in double. A sweep works on E_ij = exp((f_i + g_j - C_ij) / eps) and on scalings U, V that start at
/// one: r_i = U_i sum_j b_j V_j E_ij. While the scalings stay near one, E is kept, if the memory allows, and a sweep has no exp at
/// all; else they are absorbed into f and g, in double, and E is computed again. Where E is not kept, it is computed in blocks of
/// rows, once a sweep, and read while it is in cache. A sweep whose guards object is done again by <see cref="ShiftedSums"/>.
/// In bounds: everything is sized by <see cref="Size"/>; vectors of side a by rows rounded up to <see cref="Padding"/>, those of side b by the stride.
/// </remarks>
internal sealed unsafe class SinkhornWorker<T> : IWorker
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Rows and columns are padded to this: the wider vector, and the rows worked on together.</summary>
    private const int Padding = 16;

    /// <summary>Bytes of a block of rows: what the first cache holds beside the vectors.</summary>
    private const int BlockBytes = 24 << 10;

    /// <summary>Rows after which column sums of T are folded into double.</summary>
    private const int FoldRows = 256;

    /// <summary>Columns after which row sums of T are folded into double.</summary>
    private const int FoldColumns = 8192;

    private const int MostParts = 64;

    /// <summary>Bytes of E that are always affordable.</summary>
    private const long SmallKernel = 4 << 20;

    /// <summary>A share this small lets E leave the range of float or double near the solution, where E is up to 1 / a_i.</summary>
    public static readonly double LeastShare = typeof(T) == typeof(float) ? Math.ScaleB(1, -60) : Math.ScaleB(1, -500);

    private readonly EntropicSupport<T> _support = new();
    private readonly CostRowsFactory<T> _rowsFactory = new();
    private readonly ScratchBuffer<T> _elements = new();
    private readonly ScratchBuffer<double> _doubles = new();
    private readonly ScratchBuffer<T> _kernel = new();
    private readonly FloatPoints _floatPoints = new();
    private int _rows;
    private int _columns;
    private int _stride;
    private int _blockRows;
    private int _partRows;
    private int _parts;
    private int _lanes;
    private bool _foldsNothing;
    private bool _keepsKernel;
    private bool _kernelValid;
    private bool _alwaysShifted;
    private bool _inFloat;
    private double _scale;
    private SinkhornState _state;
    private int _row;

    // Elements of T: side a (rows, padded), then side b (stride).
    private T* _a;
    private T* _u;
    private T* _uNext;
    private T* _x;
    private T* _rowSums;
    private T* _b;
    private T* _v;
    private T* _vNext;
    private T* _y;
    private T* _yNext;
    private T* _columnSums;
    private T* _chunks;

    // Doubles.
    private double* _f;
    private double* _g;
    private double* _gScaled;
    private double* _partSums;
    private double* _partErrors;
    private ScalingBounds[] _partBounds = [];

    public long HeldBytes => _elements.Bytes + _doubles.Bytes + _kernel.Bytes + _floatPoints.HeldBytes + _rowsFactory.HeldBytes;

    public void Forget() => _rowsFactory.Forget();

    public void Dispose()
    {
        _elements.Dispose();
        _doubles.Dispose();
        _kernel.Dispose();
        _floatPoints.Dispose();
    }

    /// <summary>Takes one problem through at most <paramref name="budget"/> sweeps.</summary>
    /// <param name="table">The table.</param>
    /// <param name="row">Which problem.</param>
    /// <param name="stages">Its stages are among these.</param>
    /// <param name="state">Read, and left as reached.</param>
    /// <param name="f">n potentials, of weights of total one.</param>
    /// <param name="g">m potentials.</param>
    /// <param name="budget">Most sweeps.</param>
    /// <param name="execution">Threads, memory and cancellation.</param>
    public void Run(
        ProblemTable<T> table,
        int row,
        ReadOnlyMemory<SinkhornStage> stages,
        ref SinkhornState state,
        Span<double> f,
        Span<double> g,
        long budget,
        Execution execution)
    {
        ProblemRow problem = table.Rows[row];
        _support.Take(table.WeightsA(problem), table.WeightsB(problem));
        Size(execution);
        for (int i = 0; i < _rows; i++)
            _f[i] = f[_support.Sources[i]];
        for (int j = 0; j < _columns; j++)
            _g[j] = g[_support.Sinks[j]];
        PrepareFloatPoints(table.Geometries[problem.Geometry]);
        _row = row;
        _state = state;
        SweepUser user = new(this, stages, budget, execution);
        _rowsFactory.Use(table.Geometries[problem.Geometry], _support.Sources, _support.Sinks, execution.CostMatrixBudget, ref user, execution.Cancellation);
        state = _state;
        for (int i = 0; i < _rows; i++)
            f[_support.Sources[i]] = _f[i];
        for (int j = 0; j < _columns; j++)
            g[_support.Sinks[j]] = _g[j];
    }

    /// <summary>Squared distances of float points, where the kernel is not kept, are computed in float throughout.</summary>
    private void PrepareFloatPoints(Geometry<T> geometry)
    {
        _inFloat = !_keepsKernel && geometry is PointCloudGeometry<float> { Cost.Kind: CostKind.SquaredEuclidean };
        if (_inFloat)
            _floatPoints.Take((PointCloudGeometry<float>)(object)geometry, _support.Sources, _support.Sinks, RoundUp(_rows), _stride);
    }

    private static int RoundUp(int count) => checked(count + Padding - 1) / Padding * Padding;

    private static void Fill<TElement>(TElement* destination, int from, int to, TElement value)
        where TElement : unmanaged
    {
        for (int k = from; k < to; k++)
            destination[k] = value;
    }

    private static void Swap(ref T* first, ref T* second)
    {
        T* kept = first;
        first = second;
        second = kept;
    }

    /// <summary>Lays out the memory and the fixed partition, which depend on the shape alone.</summary>
    private void Size(Execution execution)
    {
        _rows = _support.Sources.Length;
        _columns = _support.Sinks.Length;
        int paddedRows = RoundUp(_rows);
        _stride = RoundUp(_columns);
        long costs = (long)_rows * _columns;
        _lanes = costs >= TableLoop.SpreadFrom ? execution.Threads : 1;
        _blockRows = Math.Min(paddedRows, Math.Max(Padding, (int)Math.Min(BlockBytes / ((long)_stride * sizeof(T)), FoldRows) / Padding * Padding));
        int least = (int)Math.Min(paddedRows, Math.Max(FoldRows, TableLoop.SpreadFrom / 8 / _stride));
        _partRows = RoundUp(Math.Max(least, (paddedRows + MostParts - 1) / MostParts));
        _parts = (paddedRows + _partRows - 1) / _partRows;
        _lanes = Math.Min(_lanes, _parts);
        _foldsNothing = paddedRows <= FoldRows;
        long kernelElements = (long)paddedRows * _stride;
        _keepsKernel = kernelElements <= Math.Max(execution.CostMatrixBudget, SmallKernel) / sizeof(T);
        _kernel.Take(_keepsKernel ? kernelElements : (long)_lanes * _blockRows * _stride);
        _kernelValid = false;

        T* elements = _elements.Take((5L * paddedRows) + ((6L + _lanes) * _stride));
        _a = elements;
        _u = _a + paddedRows;
        _uNext = _u + paddedRows;
        _x = _uNext + paddedRows;
        _rowSums = _x + paddedRows;
        _b = _rowSums + paddedRows;
        _v = _b + _stride;
        _vNext = _v + _stride;
        _y = _vNext + _stride;
        _yNext = _y + _stride;
        _columnSums = _yNext + _stride;
        _chunks = _columnSums + _stride;
        double* doubles = _doubles.Take(paddedRows + (2L * _stride) + ((long)_parts * _stride) + _parts);
        _f = doubles;
        _g = _f + paddedRows;
        _gScaled = _g + _stride;
        _partSums = _gScaled + _stride;
        _partErrors = _partSums + ((long)_parts * _stride);
        if (_partBounds.Length < _parts)
            _partBounds = new ScalingBounds[_parts];

        double leastShare = 1;
        for (int i = 0; i < paddedRows; i++)
        {
            double share = i < _rows ? _support.A[i] : 0;
            _a[i] = T.CreateTruncating(share);
            leastShare = i < _rows ? Math.Min(leastShare, share) : leastShare;
        }

        for (int j = 0; j < _stride; j++)
        {
            double share = j < _columns ? _support.B[j] : 0;
            _b[j] = T.CreateTruncating(share);
            leastShare = j < _columns ? Math.Min(leastShare, share) : leastShare;
        }

        _alwaysShifted = leastShare < LeastShare;
        Fill(_gScaled, _columns, _stride, 0);
        ResetScalings();
    }

    private void Sweep<TRows>(in TRows rows, ReadOnlySpan<SinkhornStage> stages, long budget, Execution execution)
        where TRows : struct, ICostRows
    {
        ref SinkhornState state = ref _state;
        if (state.Cold != 0)
            StartCold(rows, execution);
        else if (state.Sweeps == 0)
            Centre();
        state.Cold = 0;
        for (; state.Phase == SinkhornPhase.Running && budget > 0; budget--)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            SinkhornStage stage = stages[state.Stage];
            double scale = 1 / (stage.Epsilon * SinkhornSweep.Ln2);
            if (scale != _scale)
                Absorb();
            _scale = scale;
            (double A, double B) errors = default;
            if (_alwaysShifted || !TrySweep(rows, state.Omega, execution, out errors))
            {
                Absorb();
                state.Omega = 1;
                errors = SweepShifted(rows, execution);
            }

            SinkhornRule.Advance(ref state, stage, errors.A, errors.B);
            execution.Record(_row, ref state, stage.Epsilon);
            execution.Report(state.Sweeps);
        }

        Absorb();
    }

    /// <summary>
    /// f_i = min_j C_ij, then g_j = min_i (C_ij - f_i): no term of E exceeds one, and every row and column holds a one, so that no sum
    /// underflows at any eps.
    /// </summary>
    private void StartCold<TRows>(in TRows rows, Execution execution)
        where TRows : struct, ICostRows
    {
        if (_lanes > 1)
        {
            double[] minima = new double[_rows];
            double[] columns = new double[_columns];
            SoftMin.Rows(rows, 1, columns, minima, null, execution);
            minima.CopyTo(new Span<double>(_f, _rows));
            TensorPrimitives.Negate(minima, minima);
            SoftMin.Columns(rows, minima, columns, execution);
            columns.CopyTo(new Span<double>(_g, _columns));
            return;
        }

        Span<double> g = new(_g, _columns);
        Fill(_g, 0, _columns, 0);
        for (int i = 0; i < _rows; i++)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            _f[i] = CostRowsOperations.Minimum(rows, i, g, 0);
        }

        Fill(_g, 0, _columns, double.PositiveInfinity);
        for (int i = 0; i < _rows; i++)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            CostRowsOperations.LowerColumns(rows, i, _f[i], g);
        }
    }

    /// <summary>f += eps ln U, g += eps ln V, and the scalings are one again; E is no longer that of the potentials.</summary>
    private void Absorb()
    {
        if (_scale == 0)
            return;
        for (int i = 0; i < _rows; i++)
            _f[i] += Math.Log2(double.CreateTruncating(_u[i])) / _scale;
        for (int j = 0; j < _columns; j++)
            _g[j] += Math.Log2(double.CreateTruncating(_v[j])) / _scale;
        ResetScalings();
    }

    private void ResetScalings()
    {
        Fill(_u, 0, RoundUp(_rows), T.One);
        Fill(_v, 0, _stride, T.One);
        new ReadOnlySpan<T>(_b, _stride).CopyTo(new Span<T>(_y, _stride));
        _kernelValid = false;
    }

    /// <summary>One sweep on E; false if a guard objects, and then nothing has changed.</summary>
    private bool TrySweep<TRows>(in TRows rows, double omega, Execution execution, out (double A, double B) errors)
        where TRows : struct, ICostRows
    {
        bool fresh = !_kernelValid;
        if (fresh)
        {
            for (int j = 0; j < _columns; j++)
                _gScaled[j] = _g[j] * _scale;
            if (_inFloat)
                _floatPoints.TakeShifts(_gScaled, _columns);
        }

        PartLoop.Run(_parts, _lanes, new PartTask<TRows>(this, rows, fresh, omega, execution.Cancellation));
        execution.Cancellation.ThrowIfCancellationRequested();
        ScalingBounds bounds = new(ScalingBounds.Following);
        errors = default;
        for (int part = 0; part < _parts; part++)
        {
            bounds.Include(_partBounds[part]);
            errors.A += _partErrors[part];
        }

        if (!_foldsNothing)
            KernelRows.SumParts(_partSums, _parts, _stride, _columnSums);
        errors.B = Scalings.Update(_stride, omega, _b, _columnSums, _v, _vNext, _yNext, ref bounds);
        if (bounds.Unsafe)
            return false;
        _kernelValid = _keepsKernel;
        Swap(ref _u, ref _uNext);
        Swap(ref _v, ref _vNext);
        Swap(ref _y, ref _yNext);
        if (!_keepsKernel || bounds.Drifted)
            Absorb();
        return true;
    }

    /// <summary>The rows of one part: E if it is not kept, row sums, new U, and this part's column sums with it.</summary>
    private void SweepPart<TRows>(in TRows rows, int part, int lane, bool fresh, double omega, CancellationToken cancellation)
        where TRows : struct, ICostRows
    {
        int first = part * _partRows;
        int end = Math.Min(first + _partRows, RoundUp(_rows));
        double* sums = _partSums + ((long)part * _stride);
        T* chunk = _foldsNothing ? _columnSums : _chunks + ((long)lane * _stride);
        NativeMemory.Clear(chunk, (nuint)_stride * (nuint)sizeof(T));
        NativeMemory.Clear(sums, _foldsNothing ? 0 : (nuint)_stride * sizeof(double));
        ScalingBounds bounds = new(ScalingBounds.Following);
        double error = 0;
        int unfolded = 0;
        for (int block = first; block < end; block += _blockRows)
        {
            if (cancellation.IsCancellationRequested)
                break;
            int count = Math.Min(_blockRows, end - block);
            T* kernel = _kernel.Take(0) + (_keepsKernel ? (long)block * _stride : (long)lane * _blockRows * _stride);
            if (fresh && _inFloat)
                FillFloatRows(block, count, (float*)kernel, cancellation);
            else if (fresh)
                FillRows(rows, block, count, kernel, cancellation);
            RowSums(kernel, count, _rowSums + block);
            error += Scalings.Update(count, omega, _a + block, _rowSums + block, _u + block, _uNext + block, _x + block, ref bounds);
            KernelRows.Accumulate(kernel, count, _stride, _x + block, chunk);
            unfolded += count;
            if (unfolded >= FoldRows && !_foldsNothing)
            {
                KernelRows.Fold(chunk, _stride, sums);
                unfolded = 0;
            }
        }

        if (!_foldsNothing)
            KernelRows.Fold(chunk, _stride, sums);
        _partErrors[part] = error;
        _partBounds[part] = bounds;
    }

    /// <summary>On cancellation the rest is left as it is; the caller of the parts throws.</summary>
    private void FillRows<TRows>(in TRows rows, int first, int count, T* kernel, CancellationToken cancellation)
        where TRows : struct, ICostRows
    {
        for (int i = 0; i < count && !cancellation.IsCancellationRequested; i++)
        {
            T* row = kernel + ((long)i * _stride);
            if (first + i < _rows)
                KernelRows.Fill(rows, first + i, _scale, _f[first + i] * _scale, _gScaled, row, _stride);
            else
                NativeMemory.Clear(row, (nuint)_stride * (nuint)sizeof(T));
        }
    }

    private void FillFloatRows(int first, int count, float* kernel, CancellationToken cancellation)
    {
        for (int i = 0; i < count && !cancellation.IsCancellationRequested; i += KernelRows.Together)
            _floatPoints.Fill(first + i, (float)_scale, Exponent(first + i), Exponent(first + i + 1), Exponent(first + i + 2), Exponent(first + i + 3), kernel + ((long)i * _stride));
    }

    /// <summary>f in units of eps, as a power of two; rows past the last are zeros.</summary>
    private float Exponent(int row) => row < _rows ? (float)(_f[row] * _scale) : float.NegativeInfinity;

    private void RowSums(T* kernel, int count, T* sums)
    {
        if (_stride <= FoldColumns)
        {
            KernelRows.Dots(kernel, count, _stride, _stride, _y, sums);
            return;
        }

        T* parts = stackalloc T[KernelRows.Together];
        double* totals = stackalloc double[KernelRows.Together];
        for (int i = 0; i < count; i += KernelRows.Together)
        {
            new Span<double>(totals, KernelRows.Together).Clear();
            for (int j = 0; j < _stride; j += FoldColumns)
            {
                KernelRows.Dots(kernel + ((long)i * _stride) + j, KernelRows.Together, _stride, Math.Min(FoldColumns, _stride - j), _y + j, parts);
                for (int k = 0; k < KernelRows.Together; k++)
                    totals[k] += double.CreateTruncating(parts[k]);
            }

            for (int k = 0; k < KernelRows.Together; k++)
                sums[i + k] = T.CreateTruncating(totals[k]);
        }
    }

    /// <summary>A plain sweep by shifted sums in double, whatever the potentials.</summary>
    private (double A, double B) SweepShifted<TRows>(in TRows rows, Execution execution)
        where TRows : struct, ICostRows
    {
        double* shifts = _gScaled;
        double* largest = _partSums;
        for (int j = 0; j < _columns; j++)
            shifts[j] = (_g[j] * _scale) + Math.Log2(_support.B[j]);
        Fill(shifts, _columns, _stride, double.NegativeInfinity);
        double errorA = 0;
        for (int i = 0; i < _rows; i++)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            double sum = ShiftedSums.OfRow(rows, i, _scale, shifts, _stride, largest);
            errorA += _support.A[i] * Math.Abs(Math.Pow(2, (_f[i] * _scale) + sum) - 1);
            _f[i] = -sum / _scale;
        }

        double[] sums = new double[_stride];
        Fill(largest, 0, _stride, double.NegativeInfinity);
        for (int i = 0; i < _rows; i++)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            ShiftedSums.RaiseColumns(rows, i, _scale, (_f[i] * _scale) + Math.Log2(_support.A[i]), largest, _stride);
        }

        fixed (double* columnSums = sums)
        {
            for (int i = 0; i < _rows; i++)
            {
                execution.Cancellation.ThrowIfCancellationRequested();
                ShiftedSums.AddColumns(rows, i, _scale, (_f[i] * _scale) + Math.Log2(_support.A[i]), largest, columnSums, _stride);
            }
        }

        double errorB = 0;
        for (int j = 0; j < _columns; j++)
        {
            double sum = largest[j] + Math.Log2(sums[j]);
            errorB += _support.B[j] * Math.Abs(Math.Pow(2, (_g[j] * _scale) + sum) - 1);
            _g[j] = -sum / _scale;
        }

        Fill(_gScaled, _columns, _stride, 0);
        Centre();
        return (errorA, errorB);
    }

    /// <summary>
    /// Moves a constant from g to f, which changes no plan: foreign warm starts leave both far from zero, on opposite sides, where they
    /// have few digits left. One of the values first, since those of a far start are then equal to the last bit, then the mean of the rest.
    /// </summary>
    private void Centre()
    {
        Move(_g[0]);
        double mean = 0;
        for (int j = 0; j < _columns; j++)
            mean += _support.B[j] * _g[j];
        Move(mean);
    }

    private void Move(double constant)
    {
        if (!double.IsFinite(constant))
            return;
        for (int i = 0; i < _rows; i++)
            _f[i] += constant;
        for (int j = 0; j < _columns; j++)
            _g[j] -= constant;
    }

    private readonly struct PartTask<TRows>(SinkhornWorker<T> worker, TRows rows, bool fresh, double omega, CancellationToken cancellation)
        : IPartTask
        where TRows : struct, ICostRows
    {
        public void Run(int part, int lane) => worker.SweepPart(rows, part, lane, fresh, omega, cancellation);
    }

    private readonly struct SweepUser(SinkhornWorker<T> worker, ReadOnlyMemory<SinkhornStage> stages, long budget, Execution execution)
        : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => worker.Sweep(rows, stages.Span, budget, execution);
    }
}

using System.Numerics;
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
internal sealed unsafe partial class SinkhornWorker<T> : IWorker
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

using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>Starts from nothing and from far off: hard c-transforms, sweeps by shifted sums, and potentials centred.</summary>
internal sealed unsafe partial class SinkhornWorker<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
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
}

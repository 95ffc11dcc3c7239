using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>
/// Costs computed on the fly from points: x row-major, y by coordinate (y[k * columns + j]), both in double, so that
/// eight sinks are priced at once. Memory: (n + m) d doubles.
/// </summary>
internal readonly struct PointCostRows<TCost> : ICostRows
    where TCost : struct, IGroundCost
{
    private const int Chains = 4;
    private readonly TCost _cost;
    private readonly double[] _x;
    private readonly double[] _y;
    private readonly int _dimension;
    private readonly int _stride;

    /// <param name="cost">The ground cost.</param>
    /// <param name="x">rows x dimension coordinates.</param>
    /// <param name="y">dimension x Stride(columns) coordinates; the scalar access reads a whole vector, hence the padding.</param>
    /// <param name="rows">n.</param>
    /// <param name="columns">m.</param>
    /// <param name="dimension">d.</param>
    public PointCostRows(TCost cost, double[] x, double[] y, int rows, int columns, int dimension)
    {
        _cost = cost;
        _x = x;
        _y = y;
        _dimension = dimension;
        _stride = Stride(columns);
        Rows = rows;
        Columns = columns;
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>d.</summary>
    public int Dimension => _dimension;

    /// <summary>The ground cost.</summary>
    public TCost Ground => _cost;

    /// <summary>Elements from one coordinate of y to the next: room to read a whole vector at the last column.</summary>
    public static int Stride(int columns) => columns + Vector512<double>.Count - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Cost(int i, int j) => Load(i, j).ToScalar();

    /// <summary>x_ik.</summary>
    public double Coordinate(int i, int k) => _x[(i * _dimension) + k];

    /// <summary>x_ik - y_jk for eight j, the last of which may be padding; as <see cref="Load"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Difference(int i, int j, int k) =>
        Vector512.Create(Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_x), ((nint)i * _dimension) + k))
        - Vector512.LoadUnsafe(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_y), ((nint)k * _stride) + j));

    /// <summary>Costs of eight columns; those beyond the last are of padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Load(int i, int j)
    {
        // In bounds: i < Rows, j < Columns, and every coordinate row of y has seven elements of padding.
        ref double x = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_x), (nint)i * _dimension);
        ref double y = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_y), (nint)j);
        Vector512<double> state = Vector512<double>.Zero;
        int k = 0;
        if (_dimension >= 2 * Chains)
        {
            // One state is a chain of dependent operations; several side by side keep the arithmetic units busy.
            Vector512<double> second = state;
            Vector512<double> third = state;
            Vector512<double> fourth = state;
            for (; k <= _dimension - Chains; k += Chains)
            {
                state = Fold(state, ref x, k, ref y);
                second = Fold(second, ref x, k + 1, ref Unsafe.Add(ref y, _stride));
                third = Fold(third, ref x, k + 2, ref Unsafe.Add(ref y, 2 * (nint)_stride));
                fourth = Fold(fourth, ref x, k + 3, ref Unsafe.Add(ref y, 3 * (nint)_stride));
                y = ref Unsafe.Add(ref y, Chains * (nint)_stride);
            }

            state = _cost.Join(_cost.Join(state, second), _cost.Join(third, fourth));
        }

        for (; k < _dimension; k++)
        {
            state = Fold(state, ref x, k, ref y);
            y = ref Unsafe.Add(ref y, _stride);
        }

        return _cost.Finish(state);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<double> Fold(Vector512<double> state, ref double x, int k, ref double y) =>
        _cost.Fold(state, Vector512.Create(Unsafe.Add(ref x, k)), Vector512.LoadUnsafe(ref y));
}

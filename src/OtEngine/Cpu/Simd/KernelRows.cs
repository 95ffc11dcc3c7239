using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>
/// The loops of a sweep over rows of E_ij = exp((f_i + g_j - C_ij) / eps): fill them, take their dot products, add them up. Rows
/// are padded with zeros to whole vectors and come in fours, so that a load of y or of the column sums serves four rows.
/// </summary>
/// <remarks>
/// In bounds: the caller's rows hold <c>stride</c> elements, a multiple of the vector's width, its vectors of side b as many, and
/// four whole rows each call. Compiled fully at their first call: as first compiled otherwise they are several times slower.
/// </remarks>
internal static unsafe class KernelRows
{
    /// <summary>Rows that are worked on together.</summary>
    public const int Together = 4;

    /// <summary>destination_j = 2^(u + v_j - k C_ij), the argument in double; zero from the last column on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill<TRows, T>(TRows rows, int i, double k, double u, double* v, T* destination, int stride)
        where TRows : struct, ICostRows
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int columns = rows.Columns;
        int width = Vector512<double>.Count;
        Vector512<double> scale = Vector512.Create(-k);
        Vector512<double> shift = Vector512.Create(u);
        int j = 0;
        if (typeof(T) == typeof(float))
        {
            for (; j <= columns - (2 * width); j += 2 * width)
            {
                Vector512<double> lower = Vector512.FusedMultiplyAdd(scale, rows.Load(i, j), Vector512.Load(v + j) + shift);
                Vector512<double> upper = Vector512.FusedMultiplyAdd(scale, rows.Load(i, j + width), Vector512.Load(v + j + width) + shift);
                VectorMath.Exp2(Vector512.Narrow(lower, upper)).As<float, T>().Store(destination + j);
            }

            for (; j < stride; j += 2 * width)
            {
                Vector512<double> lower = Vector512.FusedMultiplyAdd(scale, LoadEdge(rows, i, j), Vector512.Load(v + j) + shift);
                Vector512<double> upper = Vector512.FusedMultiplyAdd(scale, LoadEdge(rows, i, j + width), Vector512.Load(v + j + width) + shift);
                VectorMath.Exp2(Vector512.Narrow(lower, upper)).As<float, T>().Store(destination + j);
            }

            return;
        }

        for (; j <= columns - width; j += width)
            VectorMath.Exp2(Vector512.FusedMultiplyAdd(scale, rows.Load(i, j), Vector512.Load(v + j) + shift)).As<double, T>().Store(destination + j);
        for (; j < stride; j += width)
            VectorMath.Exp2(Vector512.FusedMultiplyAdd(scale, LoadEdge(rows, i, j), Vector512.Load(v + j) + shift)).As<double, T>().Store(destination + j);
    }

    /// <summary>
    /// sums_r = sum_j rows_rj y_j for rows in fours, over <paramref name="columns"/> columns; lanes are added up in a fixed order.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots<T>(T* rows, int count, int stride, int columns, T* y, T* sums)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < count; i += Together)
        {
            T* second = rows + stride;
            T* third = second + stride;
            T* fourth = third + stride;
            Vector512<T> s0 = Vector512<T>.Zero;
            Vector512<T> s1 = s0;
            Vector512<T> s2 = s0;
            Vector512<T> s3 = s0;
            for (int j = 0; j < columns; j += Vector512<T>.Count)
            {
                Vector512<T> weight = Vector512.Load(y + j);
                s0 = VectorMath.FusedMultiplyAdd(weight, Vector512.Load(rows + j), s0);
                s1 = VectorMath.FusedMultiplyAdd(weight, Vector512.Load(second + j), s1);
                s2 = VectorMath.FusedMultiplyAdd(weight, Vector512.Load(third + j), s2);
                s3 = VectorMath.FusedMultiplyAdd(weight, Vector512.Load(fourth + j), s3);
            }

            sums[i] = Vector512.Sum(s0);
            sums[i + 1] = Vector512.Sum(s1);
            sums[i + 2] = Vector512.Sum(s2);
            sums[i + 3] = Vector512.Sum(s3);
            rows = fourth + stride;
        }
    }

    /// <summary>sums_j += sum_r x_r rows_rj over rows in fours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate<T>(T* rows, int count, int stride, T* x, T* sums)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < count; i += Together)
        {
            T* second = rows + stride;
            T* third = second + stride;
            T* fourth = third + stride;
            Vector512<T> x0 = Vector512.Create(x[i]);
            Vector512<T> x1 = Vector512.Create(x[i + 1]);
            Vector512<T> x2 = Vector512.Create(x[i + 2]);
            Vector512<T> x3 = Vector512.Create(x[i + 3]);
            for (int j = 0; j < stride; j += Vector512<T>.Count)
            {
                Vector512<T> sum = VectorMath.FusedMultiplyAdd(x0, Vector512.Load(rows + j), Vector512.Load(sums + j));
                sum = VectorMath.FusedMultiplyAdd(x1, Vector512.Load(second + j), sum);
                sum = VectorMath.FusedMultiplyAdd(x2, Vector512.Load(third + j), sum);
                sum = VectorMath.FusedMultiplyAdd(x3, Vector512.Load(fourth + j), sum);
                sum.Store(sums + j);
            }

            rows = fourth + stride;
        }
    }

    /// <summary>sums_j += chunk_j in double, and the chunk is cleared.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fold<T>(T* chunk, int stride, double* sums)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int j = 0; j < stride; j += Vector512<T>.Count)
        {
            Vector512<T> value = Vector512.Load(chunk + j);
            Vector512<T>.Zero.Store(chunk + j);
            if (typeof(T) == typeof(float))
            {
                (Vector512<double> lower, Vector512<double> upper) = Vector512.Widen(value.AsSingle());
                (Vector512.Load(sums + j) + lower).Store(sums + j);
                (Vector512.Load(sums + j + 8) + upper).Store(sums + j + 8);
            }
            else
            {
                (Vector512.Load(sums + j) + value.AsDouble()).Store(sums + j);
            }
        }
    }

    /// <summary>columns_j = sum over parts of sums_pj, in the order of the parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumParts<T>(double* sums, int parts, int stride, T* columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int width = Vector512<double>.Count;
        for (int j = 0; j < stride; j += Vector512<T>.Count)
        {
            Vector512<double> lower = Vector512<double>.Zero;
            Vector512<double> upper = lower;
            for (int part = 0; part < parts; part++)
            {
                double* row = sums + ((long)part * stride) + j;
                lower += Vector512.Load(row);
                if (typeof(T) == typeof(float))
                    upper += Vector512.Load(row + width);
            }

            if (typeof(T) == typeof(float))
                Vector512.Narrow(lower, upper).As<float, T>().Store(columns + j);
            else
                lower.As<double, T>().Store(columns + j);
        }
    }

    /// <summary>C[i, j .. j + 7], positive infinity past the last column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LoadEdge<TRows>(TRows rows, int i, int j)
        where TRows : struct, ICostRows
    {
        int width = Vector512<double>.Count;
        int left = rows.Columns - j;
        if (left >= width)
            return rows.Load(i, j);
        if (left <= 0)
            return Vector512.Create(double.PositiveInfinity);
        return rows.Columns >= width ? LoadLast(rows, i, left) : LoadFew(rows, i, left);
    }

    /// <summary>The last <paramref name="left"/> columns: the last whole vector, its lanes moved down.</summary>
    private static Vector512<double> LoadLast<TRows>(TRows rows, int i, int left)
        where TRows : struct, ICostRows
    {
        int width = Vector512<double>.Count;
        Vector512<long> lanes = Vector512<long>.Indices;
        Vector512<double> last = Vector512.Shuffle(rows.Load(i, rows.Columns - width), lanes + Vector512.Create((long)width - left));
        return Vector512.ConditionalSelect(Vector512.LessThan(lanes, Vector512.Create((long)left)).AsDouble(), last, Vector512.Create(double.PositiveInfinity));
    }

    private static Vector512<double> LoadFew<TRows>(TRows rows, int i, int left)
        where TRows : struct, ICostRows
    {
        Vector512<double> costs = Vector512.Create(double.PositiveInfinity);
        for (int lane = 0; lane < left; lane++)
            costs = costs.WithElement(lane, rows.Cost(i, rows.Columns - left + lane));
        return costs;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>
/// The loops over one row of a plan, w_j = 2^(u + v_j - k C_ij) with u = f_i log2 e / eps + log2 a_i and v_j likewise, all in double.
/// </summary>
/// <remarks>In bounds: vectors of side b hold <c>stride</c> elements, the columns rounded up to whole vectors; the padding of v is minus infinity.</remarks>
internal static unsafe class PlanRows
{
    /// <summary>columnSums_j += w_j; gives sum_j w_j and sum_j C_ij w_j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Mass, double Cost) Reduce<TRows>(TRows rows, int i, double k, double u, double* v, double* columnSums, int stride)
        where TRows : struct, ICostRows
    {
        Vector512<double> scale = Vector512.Create(-k);
        Vector512<double> shift = Vector512.Create(u);
        Vector512<double> mass = Vector512<double>.Zero;
        Vector512<double> cost = Vector512<double>.Zero;
        int width = Vector512<double>.Count;
        int whole = rows.Columns / width * width;
        for (int j = 0; j < stride; j += width)
        {
            Vector512<double> c = j < whole ? rows.Load(i, j) : KernelRows.LoadEdge(rows, i, j);
            Vector512<double> w = VectorMath.Exp2(Vector512.FusedMultiplyAdd(scale, c, Vector512.Load(v + j) + shift));
            if (j >= whole)
                c = Vector512.ConditionalSelect(Vector512.IsPositiveInfinity(c), Vector512<double>.Zero, c);
            mass += w;
            cost = Vector512.FusedMultiplyAdd(w, c, cost);
            (Vector512.Load(columnSums + j) + w).Store(columnSums + j);
        }

        return (Vector512.Sum(mass), Vector512.Sum(cost));
    }

    /// <summary>sum_j w_j y_j and sum_j C_ij w_j y_j; the padding of y is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Mass, double Cost) ReduceWeighted<TRows>(TRows rows, int i, double k, double u, double* v, double* y, int stride)
        where TRows : struct, ICostRows
    {
        Vector512<double> scale = Vector512.Create(-k);
        Vector512<double> shift = Vector512.Create(u);
        Vector512<double> mass = Vector512<double>.Zero;
        Vector512<double> cost = Vector512<double>.Zero;
        int width = Vector512<double>.Count;
        int whole = rows.Columns / width * width;
        for (int j = 0; j < stride; j += width)
        {
            Vector512<double> c = j < whole ? rows.Load(i, j) : KernelRows.LoadEdge(rows, i, j);
            Vector512<double> w = VectorMath.Exp2(Vector512.FusedMultiplyAdd(scale, c, Vector512.Load(v + j) + shift)) * Vector512.Load(y + j);
            if (j >= whole)
                c = Vector512.ConditionalSelect(Vector512.IsPositiveInfinity(c), Vector512<double>.Zero, c);
            mass += w;
            cost = Vector512.FusedMultiplyAdd(w, c, cost);
        }

        return (Vector512.Sum(mass), Vector512.Sum(cost));
    }

    /// <summary>destination_j = w_j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write<TRows>(TRows rows, int i, double k, double u, double* v, double* destination, int stride)
        where TRows : struct, ICostRows
    {
        Vector512<double> scale = Vector512.Create(-k);
        Vector512<double> shift = Vector512.Create(u);
        int width = Vector512<double>.Count;
        int whole = rows.Columns / width * width;
        for (int j = 0; j < stride; j += width)
        {
            Vector512<double> c = j < whole ? rows.Load(i, j) : KernelRows.LoadEdge(rows, i, j);
            VectorMath.Exp2(Vector512.FusedMultiplyAdd(scale, c, Vector512.Load(v + j) + shift)).Store(destination + j);
        }
    }

    /// <summary>sum_j weights_j C_ij; the padding of the weights is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double WeightedCost<TRows>(TRows rows, int i, double* weights, int stride)
        where TRows : struct, ICostRows
    {
        int width = Vector512<double>.Count;
        int whole = rows.Columns / width * width;
        Vector512<double> sum = Vector512<double>.Zero;
        for (int j = 0; j < whole; j += width)
            sum = Vector512.FusedMultiplyAdd(rows.Load(i, j), Vector512.Load(weights + j), sum);
        double total = Vector512.Sum(sum);
        for (int j = whole; j < rows.Columns; j++)
            total += rows.Cost(i, j) * weights[j];
        return total;
    }

    /// <summary>sum_j w_j values_j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(double* w, double* values, int stride)
    {
        Vector512<double> sum = Vector512<double>.Zero;
        for (int j = 0; j < stride; j += Vector512<double>.Count)
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(w + j), Vector512.Load(values + j), sum);
        return Vector512.Sum(sum);
    }

    /// <summary>sums_j += x w_j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(double* w, double x, double* sums, int stride)
    {
        Vector512<double> factor = Vector512.Create(x);
        for (int j = 0; j < stride; j += Vector512<double>.Count)
            Vector512.FusedMultiplyAdd(factor, Vector512.Load(w + j), Vector512.Load(sums + j)).Store(sums + j);
    }
}

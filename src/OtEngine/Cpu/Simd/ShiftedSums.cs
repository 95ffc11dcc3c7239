using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>
/// Logarithms of sums of powers of two in double, each shifted by its own maximum: right for any potentials, at twice the price of
/// the sums that <see cref="KernelRows"/> takes. Where all terms are zero the logarithm is minus infinity.
/// </summary>
/// <remarks>In bounds: vectors of side b hold <c>stride</c> elements, the columns rounded up to whole vectors; their padding is minus infinity.</remarks>
internal static unsafe class ShiftedSums
{
    /// <summary>log2 sum_j 2^(v_j - k C_ij).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double OfRow<TRows>(TRows rows, int i, double k, double* v, int stride, double* arguments)
        where TRows : struct, ICostRows
    {
        Vector512<double> scale = Vector512.Create(-k);
        Vector512<double> largest = Vector512.Create(double.NegativeInfinity);
        for (int j = 0; j < stride; j += Vector512<double>.Count)
        {
            Vector512<double> argument = Vector512.FusedMultiplyAdd(scale, KernelRows.LoadEdge(rows, i, j), Vector512.Load(v + j));
            argument.Store(arguments + j);
            largest = Vector512.Max(largest, argument);
        }

        double shift = double.NegativeInfinity;
        for (int lane = 0; lane < Vector512<double>.Count; lane++)
            shift = Math.Max(shift, largest[lane]);
        if (!double.IsFinite(shift))
            return shift;
        Vector512<double> shifts = Vector512.Create(shift);
        Vector512<double> sum = Vector512<double>.Zero;
        for (int j = 0; j < stride; j += Vector512<double>.Count)
            sum += VectorMath.Exp2(Vector512.Load(arguments + j) - shifts);
        return shift + Math.Log2(Vector512.Sum(sum));
    }

    /// <summary>largest_j = max(largest_j, u - k C_ij): one row's share of the shifts of all columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RaiseColumns<TRows>(TRows rows, int i, double k, double u, double* largest, int stride)
        where TRows : struct, ICostRows
    {
        Vector512<double> scale = Vector512.Create(-k);
        Vector512<double> shift = Vector512.Create(u);
        for (int j = 0; j < stride; j += Vector512<double>.Count)
        {
            Vector512<double> argument = Vector512.FusedMultiplyAdd(scale, KernelRows.LoadEdge(rows, i, j), shift);
            Vector512.Max(Vector512.Load(largest + j), argument).Store(largest + j);
        }
    }

    /// <summary>sums_j += 2^(u - k C_ij - largest_j); nothing where largest_j is minus infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddColumns<TRows>(TRows rows, int i, double k, double u, double* largest, double* sums, int stride)
        where TRows : struct, ICostRows
    {
        Vector512<double> scale = Vector512.Create(-k);
        Vector512<double> shift = Vector512.Create(u);
        for (int j = 0; j < stride; j += Vector512<double>.Count)
        {
            Vector512<double> argument = Vector512.FusedMultiplyAdd(scale, KernelRows.LoadEdge(rows, i, j), shift);
            (Vector512.Load(sums + j) + VectorMath.Exp2(argument - Vector512.Load(largest + j))).Store(sums + j);
        }
    }
}

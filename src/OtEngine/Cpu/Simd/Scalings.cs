using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>The update of one side's scalings from its sums, vectorised over atoms.</summary>
internal static unsafe class Scalings
{
    /// <summary>
    /// With r = scaling sum: next = scaling r^-omega, weighted = weight next; for omega 1 next is 1 / sum exactly. Padding
    /// has weight 0, scaling 1 and sum 1.
    /// </summary>
    /// <param name="count">Elements, a multiple of the vector's width.</param>
    /// <param name="omega">Relaxation.</param>
    /// <param name="weights">Weights of the atoms, total one.</param>
    /// <param name="sums">sum_j y_j E_ij or its transposed.</param>
    /// <param name="scaling">Current scalings.</param>
    /// <param name="next">Receives the next ones.</param>
    /// <param name="weighted">Receives weight times next.</param>
    /// <param name="bounds">Widened by every r and every next scaling; NaN counts as unbounded.</param>
    /// <returns>sum weight |r - 1|.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Update<T>(int count, double omega, T* weights, T* sums, T* scaling, T* next, T* weighted, ref ScalingBounds bounds)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> error = Vector512<T>.Zero;
        Vector512<T> least = Vector512<T>.One;
        Vector512<T> largest = Vector512<T>.One;
        Vector512<T> power = Vector512.Create(T.CreateTruncating(-omega));
        for (int i = 0; i < count; i += Vector512<T>.Count)
        {
            Vector512<T> sum = Vector512.Load(sums + i);
            Vector512<T> weight = Vector512.Load(weights + i);
            Vector512<T> old = Vector512.Load(scaling + i);
            Vector512<T> ratio = old * sum;
            Vector512<T> value = omega == 1 ? Vector512<T>.One / sum : old * VectorMath.Exp2(power * VectorMath.Log2(ratio));
            value.Store(next + i);
            (weight * value).Store(weighted + i);
            error = VectorMath.FusedMultiplyAdd(weight, Vector512.Abs(ratio - Vector512<T>.One), error);

            // Min and Max of .NET hand NaN on.
            least = Vector512.Min(least, Vector512.Min(ratio, value));
            largest = Vector512.Max(largest, Vector512.Max(ratio, value));
        }

        bounds.Include(double.CreateTruncating(Lowest(least)), double.CreateTruncating(Highest(largest)));
        return double.CreateTruncating(Vector512.Sum(error));
    }

    private static T Lowest<T>(Vector512<T> vector)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T lowest = vector[0];
        for (int lane = 1; lane < Vector512<T>.Count; lane++)
            lowest = T.Min(lowest, vector[lane]);
        return lowest;
    }

    private static T Highest<T>(Vector512<T> vector)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T highest = vector[0];
        for (int lane = 1; lane < Vector512<T>.Count; lane++)
            highest = T.Max(highest, vector[lane]);
        return highest;
    }
}

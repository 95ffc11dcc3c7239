using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>The update of one side's scalings from its sums, vectorised over atoms.</summary>
internal static unsafe class Scalings
{
    /// <summary>
    /// With r = scaling sum: next = scaling r^-omega, weighted = weight next; for omega 1 next is 1 / sum exactly. Atoms
    /// without mass, and padding, keep a scaling of one.
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
        for (int i = 0; i < count; i += Vector512<T>.Count)
        {
            Vector512<T> sum = Vector512.Load(sums + i);
            Vector512<T> weight = Vector512.Load(weights + i);
            Vector512<T> old = Vector512.Load(scaling + i);
            Vector512<T> massless = Vector512.Equals(weight, Vector512<T>.Zero);
            Vector512<T> ratio = Vector512.ConditionalSelect(massless, Vector512<T>.One, old * sum);
            Vector512<T> value = omega == 1 ? Vector512<T>.One / sum : Relaxed(old, ratio, omega);
            value = Vector512.ConditionalSelect(massless, Vector512<T>.One, value);
            value.Store(next + i);
            (weight * value).Store(weighted + i);
            error = VectorMath.FusedMultiplyAdd(weight, Vector512.Abs(ratio - Vector512<T>.One), error);
            least = Vector512.MinNative(Vector512.MinNative(ratio, value), least);
            largest = Vector512.MaxNative(Vector512.MaxNative(ratio, value), largest);
        }

        // A NaN may escape the native minima, but never the error.
        double total = double.CreateTruncating(Vector512.Sum(error));
        bounds.Include(least, largest, total);
        return total;
    }

    private static Vector512<T> Relaxed<T>(Vector512<T> old, Vector512<T> ratio, double omega)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        old * VectorMath.Exp2(Vector512.Create(T.CreateTruncating(-omega)) * VectorMath.Log2(ratio));
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>The loops over the cells of one side of a grid.</summary>
/// <remarks>In bounds: every vector holds <c>count</c> doubles, whole vectors of them; in the padding weights are zero and their logarithms minus infinity.</remarks>
internal static unsafe class GridRows
{
    /// <summary>values_i = potentials_i scale + logWeights_i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Values(int count, double scale, double* potentials, double* logWeights, double* values)
    {
        Vector512<double> factor = Vector512.Create(scale);
        for (int i = 0; i < count; i += 8)
            Vector512.FusedMultiplyAdd(Vector512.Load(potentials + i), factor, Vector512.Load(logWeights + i)).Store(values + i);
    }

    /// <summary>
    /// With x = potential scale + logarithm, the logarithm of the ratio of a cell's mass to its weight:
    /// potential = (1 - omega) potential - omega logarithm / scale where there is weight.
    /// </summary>
    /// <returns>sum weight |2^x - 1|; NaN where an x is not finite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Update(int count, double omega, double scale, double* weights, double* logarithms, double* potentials)
    {
        Vector512<double> factor = Vector512.Create(scale);
        Vector512<double> keep = Vector512.Create(1 - omega);
        Vector512<double> move = Vector512.Create(-omega / scale);
        Vector512<double> error = Vector512<double>.Zero;
        for (int i = 0; i < count; i += 8)
        {
            Vector512<double> weight = Vector512.Load(weights + i);
            Vector512<double> old = Vector512.Load(potentials + i);
            Vector512<double> logarithm = Vector512.Load(logarithms + i);
            Vector512<double> x = Vector512.FusedMultiplyAdd(old, factor, logarithm);
            Vector512<double> hasMass = Vector512.GreaterThan(weight, Vector512<double>.Zero);

            // Exp2 of NaN may be zero; x - x is zero, or NaN where x is not finite.
            Vector512<double> off = Vector512.Abs(VectorMath.Exp2(x) - Vector512<double>.One) + (x - x);
            error += Vector512.ConditionalSelect(hasMass, weight * off, Vector512<double>.Zero);
            Vector512<double> next = Vector512.FusedMultiplyAdd(move, logarithm, keep * old);
            Vector512.ConditionalSelect(hasMass, next, old).Store(potentials + i);
        }

        return Vector512.Sum(error);
    }

    /// <summary>masses_i = 2^(values_i + logarithms_i); NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Masses(int count, double* values, double* logarithms, double* masses)
    {
        for (int i = 0; i < count; i += 8)
        {
            Vector512<double> x = Vector512.Load(values + i) + Vector512.Load(logarithms + i);
            Vector512.ConditionalSelect(Vector512.IsNaN(x), x, VectorMath.Exp2(x)).Store(masses + i);
        }
    }

    /// <summary>second_i = log2(2^first_i + 2^second_i).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddExponents(double* first, double* second, int count)
    {
        for (int i = 0; i < count; i += 8)
        {
            Vector512<double> x = Vector512.Load(first + i);
            Vector512<double> y = Vector512.Load(second + i);
            Vector512<double> larger = Vector512.Max(x, y);
            Vector512<double> shift = Vector512.ConditionalSelect(Vector512.IsNegativeInfinity(larger), Vector512<double>.Zero, larger);
            Vector512<double> ratio = VectorMath.Exp2(Vector512.Min(x, y) - shift);
            (larger + Vector512.Log2(Vector512<double>.One + ratio)).Store(second + i);
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>The loops over one row of the Gromov verbs, in double, what is stored rounded to T.</summary>
/// <remarks>In bounds: every pointer is to as many elements as the call says. Lanes are added up in a fixed order.</remarks>
internal static unsafe class GromovRows
{
    private static int Width => Vector512<double>.Count;

    /// <summary>
    /// Entries of a plan of mass one below this are stored as zero: what they are multiplied by could make a denormal of them, which costs tens
    /// of normal operations. 2^40 of them are 2^-40 of the mass in float.
    /// </summary>
    public static double Least<T>() => typeof(T) == typeof(float) ? Math.ScaleB(1, -80) : Math.ScaleB(1, -600);

    /// <summary>plan_j = w_j, w_j becomes what was stored; gives the sums of what was stored and of how far it is from what was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Mass, double Moved) Store<T>(double* w, int count, T* plan)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<double> least = Vector512.Create(Least<T>());
        Vector512<double> masses = Vector512<double>.Zero;
        Vector512<double> moves = Vector512<double>.Zero;
        int j = 0;
        for (; j <= count - Width; j += Width)
        {
            Vector512<double> value = Vector512.Load(w + j);
            value = Vector512.ConditionalSelect(Vector512.LessThan(value, least), Vector512<double>.Zero, value);
            Vector512<double> before = Widening.Load(plan + j);
            value = StoreRounded(value, plan + j);
            value.Store(w + j);
            masses += value;
            moves += Vector512.Abs(value - before);
        }

        double mass = Vector512.Sum(masses);
        double moved = Vector512.Sum(moves);
        for (; j < count; j++)
            (mass, moved) = StoreOne(w + j, plan + j, mass, moved);
        return (mass, moved);
    }

    /// <summary>The same for columns that do not follow one another.</summary>
    public static (double Mass, double Moved) Scatter<T>(double* w, ReadOnlySpan<int> columns, T* plan)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double mass = 0;
        double moved = 0;
        for (int k = 0; k < columns.Length; k++)
            (mass, moved) = StoreOne(w + k, plan + columns[k], mass, moved);
        return (mass, moved);
    }

    /// <summary>d_j = factor (r + s_j - d_j) + featureFactor m_j, and the sums of <see cref="Backends.GromovSums"/> over the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient<T>(
        T* d, T* plan, T* features, int count, double r, double* s, double factor, double featureFactor, double* sums, long stride)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<double> factors = Vector512.Create(factor);
        Vector512<double> rows = Vector512.Create(r);
        Vector512<double> crosses = Vector512<double>.Zero;
        Vector512<double> featured = Vector512<double>.Zero;
        Vector512<double> least = Vector512.Create(double.PositiveInfinity);
        Vector512<double> largest = Vector512.Create(double.NegativeInfinity);
        Vector512<double> magnitudes = Vector512<double>.Zero;
        int j = 0;
        for (; j <= count - Width; j += Width)
        {
            Vector512<double> x = Widening.Load(d + j);
            Vector512<double> mass = Widening.Load(plan + j);
            Vector512<double> value = factors * (rows + Vector512.Load(s + j) - x);
            crosses = Vector512.FusedMultiplyAdd(mass, x, crosses);
            if (features != null)
            {
                Vector512<double> m = Widening.Load(features + j);
                featured = Vector512.FusedMultiplyAdd(mass, m, featured);
                value = Vector512.FusedMultiplyAdd(Vector512.Create(featureFactor), m, value);
            }

            value = StoreRounded(value, d + j);
            least = Vector512.Min(least, value);
            largest = Vector512.Max(largest, value);
            magnitudes += Vector512.Abs(value);
        }

        double cross = Vector512.Sum(crosses);
        double feature = Vector512.Sum(featured);
        double magnitude = Vector512.Sum(magnitudes);
        double low = double.PositiveInfinity;
        double high = double.NegativeInfinity;
        for (int lane = 0; lane < Width; lane++)
        {
            low = Math.Min(low, least[lane]);
            high = Math.Max(high, largest[lane]);
        }

        for (; j < count; j++)
        {
            double x = double.CreateTruncating(d[j]);
            double mass = double.CreateTruncating(plan[j]);
            double value = factor * (r + s[j] - x);
            cross = Math.FusedMultiplyAdd(mass, x, cross);
            if (features != null)
            {
                double m = double.CreateTruncating(features[j]);
                feature = Math.FusedMultiplyAdd(mass, m, feature);
                value = Math.FusedMultiplyAdd(featureFactor, m, value);
            }

            d[j] = T.CreateTruncating(value);
            value = double.CreateTruncating(d[j]);
            low = Math.Min(low, value);
            high = Math.Max(high, value);
            magnitude += Math.Abs(value);
        }

        sums[Backends.GromovSums.Cross * stride] = cross;
        sums[Backends.GromovSums.Features * stride] = feature;
        sums[Backends.GromovSums.Least * stride] = low;
        sums[Backends.GromovSums.Largest * stride] = high;
        sums[Backends.GromovSums.Magnitude * stride] = magnitude;
    }

    private static (double Mass, double Moved) StoreOne<T>(double* w, T* place, double mass, double moved)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double before = double.CreateTruncating(*place);
        *place = *w < Least<T>() ? T.Zero : T.CreateTruncating(*w);
        *w = double.CreateTruncating(*place);
        return (mass + *w, moved + Math.Abs(*w - before));
    }

    /// <summary>Stores rounded, and gives what was stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> StoreRounded<T>(Vector512<double> value, T* start)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            value.Store((double*)start);
            return value;
        }

        Vector256.Narrow(value.GetLower(), value.GetUpper()).Store((float*)start);
        return Widening.Load(start);
    }
}

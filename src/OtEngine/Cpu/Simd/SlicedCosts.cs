using System.Numerics;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>The loops over matched positions of <see cref="SlicedMatch"/>: sums of mass |d|^p in double, in an order that depends on the count alone.</summary>
/// <remarks>In bounds: spans of one length, which is checked. Powers are weighted before they are added, so that a sum overflows only where the cost does.</remarks>
internal static unsafe class SlicedCosts
{
    private static int Width => Vector512<double>.Count;

    /// <summary>d_k = a_k - b_k.</summary>
    public static void Differences<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<double> d)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, d.Length, nameof(a));
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, d.Length, nameof(b));
        fixed (T* ofA = a, ofB = b)
        fixed (double* to = d)
        {
            int k = 0;
            for (; k <= d.Length - Width; k += Width)
                (Widening.Load(ofA + k) - Widening.Load(ofB + k)).Store(to + k);
            for (; k < d.Length; k++)
                to[k] = double.CreateTruncating(ofA[k]) - double.CreateTruncating(ofB[k]);
        }
    }

    /// <summary>sum_k m_k |d_k|^p. Overwrites d by what is taken to a power of 1 or 2; where a mass is zero that is zero, however far its atoms are.</summary>
    public static double Sum(Span<double> d, ReadOnlySpan<double> masses, double p)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(masses.Length, d.Length, nameof(masses));
        fixed (double* distances = d, m = masses)
        {
            if (p is not (1 or 2))
            {
                for (int k = 0; k < d.Length; k++)
                    distances[k] = m[k] == 0 ? 0 : Math.Pow(Math.Abs(distances[k]), p);
            }

            Vector512<double> sum = Vector512<double>.Zero;
            int place = 0;
            for (; place <= d.Length - Width; place += Width)
            {
                Vector512<double> mass = Vector512.Load(m + place);
                Vector512<double> distance = Vector512.AndNot(Vector512.Abs(Vector512.Load(distances + place)), Vector512.Equals(mass, Vector512<double>.Zero));
                sum = Vector512.FusedMultiplyAdd(p == 2 ? distance * distance : distance, mass, sum);
            }

            double total = Vector512.Sum(sum);
            for (; place < d.Length; place++)
            {
                double distance = m[place] == 0 ? 0 : Math.Abs(distances[place]);
                total = Math.FusedMultiplyAdd(p == 2 ? distance * distance : distance, m[place], total);
            }

            return total;
        }
    }

    /// <summary>p |d|^(p-1) sign d.</summary>
    public static double Slope(double d, double p)
    {
        if (d == 0)
            return 0;
        return p == 1 ? Math.CopySign(1, d) : p == 2 ? 2 * d : Math.CopySign(p * (Math.Pow(Math.Abs(d), p) / Math.Abs(d)), d);
    }
}

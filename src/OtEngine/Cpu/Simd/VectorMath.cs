using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OtEngine.Cpu.Simd;

/// <summary>
/// Vector mathematics of the entropic verbs, for float and double. 2^x = 2^n 2^r with n the integer nearest to x and r in
/// [-1/2, 1/2]; 2^r is a polynomial of least relative error whose constant term is one exactly.
/// </summary>
/// <remarks>
/// The polynomial's relative error is 2.6e-9 (degree 6, float) and 1.8e-17 (degree 11, double), so that rounding in the last
/// steps of Horner's rule is what remains: within 1 unit in the last place of float, 2 of double. Results below the least
/// normal number are zero: a denormal costs tens of normal operations in everything that touches it, and .NET has no switch
/// for that. Minus infinity gives zero, what lies above the range infinity, and NaN zero, since its comparison fails.
/// </remarks>
internal static class VectorMath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> FusedMultiplyAdd<T>(Vector512<T> left, Vector512<T> right, Vector512<T> addend)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return Vector512.FusedMultiplyAdd(left.AsSingle(), right.AsSingle(), addend.AsSingle()).As<float, T>();
        return Vector512.FusedMultiplyAdd(left.AsDouble(), right.AsDouble(), addend.AsDouble()).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Exp2<T>(Vector512<T> x)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return Exp2(x.AsSingle()).As<float, T>();
        return Exp2(x.AsDouble()).As<double, T>();
    }

    public static Vector512<T> Log2<T>(Vector512<T> x)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return Vector512.Log2(x.AsSingle()).As<float, T>();
        return Vector512.Log2(x.AsDouble()).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp2(Vector512<float> x)
    {
        Vector512<float> n;
        Vector512<int> exponent = default;
        if (Avx512F.IsSupported)
        {
            n = Avx512F.RoundScale(x, 0);
        }
        else
        {
            // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum; from 128 on the exponent field means infinity. (Of a NaN the native
            // minimum is the second operand.)
            x = Vector512.MinNative(Vector512.Create(128f), x);
            Vector512<float> shifted = x + Vector512.Create(12582912f);
            n = shifted - Vector512.Create(12582912f);
            exponent = shifted.AsInt32() << 23;
        }

        Vector512<float> r = x - n;
        Vector512<float> p = Vector512.Create(0.0001559467701510541f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.0013406643847480061f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.009617692976143188f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.05550310551206981f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.24022652782876178f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.693147214967885f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Avx512F.IsSupported ? Avx512F.Scale(p, n) : (p.AsInt32() + exponent).AsSingle();
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(-126f)), p, Vector512<float>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Exp2(Vector512<double> x)
    {
        Vector512<double> n;
        Vector512<long> exponent = default;
        if (Avx512F.IsSupported)
        {
            n = Avx512F.RoundScale(x, 0);
        }
        else
        {
            x = Vector512.MinNative(Vector512.Create(1024.0), x);
            Vector512<double> shifted = x + Vector512.Create(6755399441055744.0);
            n = shifted - Vector512.Create(6755399441055744.0);
            exponent = shifted.AsInt64() << 52;
        }

        Vector512<double> r = x - n;
        Vector512<double> p = Vector512.Create(4.0780717860928705e-10);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(7.072570394540799e-09));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0180647660573069e-07));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3215442675452854e-06));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.5252727385189775e-05));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.0001540353044157185));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.001333355815343997));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.009618129107607003));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.05550410866479039));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.24022650695910097));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.6931471805599457));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<double>.One);
        p = Avx512F.IsSupported ? Avx512F.Scale(p, n) : (p.AsInt64() + exponent).AsDouble();
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(-1022.0)), p, Vector512<double>.Zero);
    }
}

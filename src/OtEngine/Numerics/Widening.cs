using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>Elements of float or double as doubles; every float is one exactly.</summary>
internal static unsafe class Widening
{
    /// <summary>Eight elements that follow each other.</summary>
    /// <param name="start">The first of them, of float or double.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load<T>(T* start)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
            return Vector512.Load((double*)start);
        (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load((float*)start));
        return Vector512.Create(lower, upper);
    }
}

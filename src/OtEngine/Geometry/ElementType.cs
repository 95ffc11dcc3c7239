using System.Numerics;

namespace OtEngine;

/// <summary>The engine's element types: float and double, and nothing else that the constraint lets through.</summary>
internal static class ElementType
{
    public static void Require<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
            Throw.Unsupported($"The element type {typeof(T).Name} is not supported; use float or double.");
    }

    /// <summary>Relative difference of two totals that still counts as balanced.</summary>
    public static double TotalsTolerance<T>()
        where T : unmanaged, IFloatingPointIeee754<T> => typeof(T) == typeof(float) ? 1e-6 : 1e-9;

    /// <summary>Largest relative dual violation and relative gap with which an exact answer counts as converged.</summary>
    public static double CertificateTolerance<T>()
        where T : unmanaged, IFloatingPointIeee754<T> => typeof(T) == typeof(float) ? 1e-5 : 1e-9;
}

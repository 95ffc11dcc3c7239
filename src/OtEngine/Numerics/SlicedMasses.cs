using System.Numerics;

namespace OtEngine;

/// <summary>
/// Weights as integers whose sum is the same on both sides, so that running sums are exact in any order, and ends of atoms that coincide are
/// seen to. Two uniform sides are exact; else a unit is 2^-60 of the mass, and a weight is within a rounding of double.
/// </summary>
internal static class SlicedMasses
{
    private const int TotalBits = 60;

    /// <summary>The mass of a unit where weights were rounded.</summary>
    public static double RoundedUnit => Math.ScaleB(1, -TotalBits);

    /// <summary>Whether all atoms weigh the same.</summary>
    public static bool AreUniform<T>(ReadOnlySpan<T> weights)
        where T : unmanaged, IFloatingPointIeee754<T> => weights.IsEmpty || !weights.ContainsAnyExcept(weights[0]);

    /// <summary>The units of each atom of two uniform sides, and the mass of one: n atoms of m / g units, m of n / g, g the greatest common divisor.</summary>
    public static (long A, long B, double Unit) Uniform(int n, int m)
    {
        long divisor = (long)BigInteger.GreatestCommonDivisor(n, m);
        return (m / divisor, n / divisor, 1 / (double)(n * (m / divisor)));
    }

    /// <summary>Rounds weights to units that sum to 2^60; zero stays zero.</summary>
    /// <param name="weights">At least zero, with a positive, finite sum; empty for as many equal ones as there are units.</param>
    /// <param name="units">Receives the integers.</param>
    public static void Round<T>(ReadOnlySpan<T> weights, Span<long> units)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        CompensatedSum total = default;
        for (int i = 0; i < units.Length; i++)
            total.Add(weights.IsEmpty ? 1 : double.CreateTruncating(weights[i]));
        long rest = 1L << TotalBits;
        int largest = 0;
        for (int i = 0; i < units.Length; i++)
        {
            double share = (weights.IsEmpty ? 1 : double.CreateTruncating(weights[i])) / total.Value;
            units[i] = (long)Math.Round(Math.ScaleB(share, TotalBits), MidpointRounding.ToEven);
            rest -= units[i];
            if (units[i] > units[largest])
                largest = i;
        }

        // The heaviest atom takes what rounding left over, where it is relatively least.
        units[largest] += rest;
    }
}

using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>The masses of both sides of a sliced problem in units, in memory or one for all of a side, and what a unit weighs.</summary>
/// <param name="CountX">Atoms of x.</param>
/// <param name="CountY">Atoms of y.</param>
/// <param name="Masses">Of x, then y; empty where all atoms of either side weigh the same.</param>
/// <param name="MassA">Units of each atom of x, there.</param>
/// <param name="MassB">Units of each atom of y, there.</param>
/// <param name="Unit">The mass of a unit; those of either side are 1 together.</param>
internal sealed record SlicedWeights(int CountX, int CountY, long[] Masses, long MassA, long MassB, double Unit)
{
    public static SlicedWeights Of<T>(SlicedTask<T> task)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int n = task.CountX;
        int m = task.CountY;
        if (SlicedMasses.AreUniform<T>(task.A) && SlicedMasses.AreUniform<T>(task.B))
        {
            (long ofA, long ofB, double unit) = SlicedMasses.Uniform(n, m);
            return new SlicedWeights(n, m, [], ofA, ofB, unit);
        }

        long[] masses = new long[Sizes.Product("The masses", (long)n + m, 1, "split the clouds")];
        SlicedMasses.Round<T>(task.A, masses.AsSpan(0, n));
        SlicedMasses.Round<T>(task.B, masses.AsSpan(n));
        return new SlicedWeights(n, m, masses, 0, 0, SlicedMasses.RoundedUnit);
    }

    /// <summary>Side x where the masses lie from an offset on.</summary>
    public SlicedSide A(long offset) => new() { Count = CountX, Mass = MassA, Masses = Masses.Length == 0 ? SlicedSide.None : offset };

    /// <summary>Side y likewise.</summary>
    public SlicedSide B(long offset) => new() { Count = CountY, Mass = MassB, Masses = Masses.Length == 0 ? SlicedSide.None : offset + CountX };
}

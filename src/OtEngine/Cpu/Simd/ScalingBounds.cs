using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu.Simd;

/// <summary>
/// Whether the ratios and scalings of a sweep stayed in range: what the guards look at. Where they did, a term that the flush of
/// <see cref="VectorMath"/> drops is far below the rounding of its sum; where not, or at NaN, the sweep is done again with shifted sums.
/// </summary>
/// <remarks>
/// The range is 2^-40 to 2^40 where E follows the potentials: a dropped term is below 2^-126 2^80 of its float sum. (2^-60 to 2^60 could drop
/// terms of 2^-6 of a sum.) Where E stays and nothing of it is flushed, it is 2^-60 to 2^60.
/// </remarks>
internal struct ScalingBounds(double range)
{
    /// <summary>Of scalings on an E that follows the potentials.</summary>
    public const double Following = 1L << 40;

    /// <summary>Of scalings on an E that stays.</summary>
    public const double Staying = 1L << 60;

    /// <summary>Scalings beyond this are folded into the potentials before the next sweep.</summary>
    private const double Drift = 1 << 20;

    /// <summary>Whether the sweep cannot be trusted.</summary>
    public bool Unsafe { get; private set; }

    /// <summary>Whether the scalings are far enough from one to be absorbed.</summary>
    public bool Drifted { get; private set; }

    /// <summary>Takes note of the least and the largest of each lane, and of a sum that is NaN if anything was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Include<T>(Vector512<T> least, Vector512<T> largest, double sum)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Within(least, largest, Drift) && double.IsFinite(sum))
            return;
        Drifted = true;
        Unsafe |= !(Within(least, largest, range) && double.IsFinite(sum));
    }

    public void Include(ScalingBounds other)
    {
        Drifted |= other.Drifted;
        Unsafe |= other.Unsafe;
    }

    private static bool Within<T>(Vector512<T> least, Vector512<T> largest, double range)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Vector512.GreaterThanOrEqualAll(least, Vector512.Create(T.CreateTruncating(1 / range)))
        && Vector512.LessThanOrEqualAll(largest, Vector512.Create(T.CreateTruncating(range)));
}

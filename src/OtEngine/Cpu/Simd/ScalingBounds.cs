namespace OtEngine.Cpu.Simd;

/// <summary>
/// The range that ratios and scalings took in a sweep: what the guards look at. Within 2^-40 to 2^40 a term that the flush of
/// <see cref="VectorMath"/> drops is below 2^-126 2^80 of its float sum, which is far below rounding; outside, or at NaN, the sweep is
/// done again with shifted sums.
/// </summary>
internal struct ScalingBounds
{
    private const double Range = 1L << 40;

    /// <summary>Scalings beyond this are folded into the potentials before the next sweep.</summary>
    private const double Drift = 1 << 20;

    private double _least;
    private double _largest;

    /// <summary>The bounds of nothing yet: ratios of one.</summary>
    public static ScalingBounds Unit => new() { _least = 1, _largest = 1 };

    /// <summary>Whether the sweep can be trusted.</summary>
    public readonly bool Safe => _least >= 1 / Range && _largest <= Range;

    /// <summary>Whether the scalings are far enough from one to be absorbed.</summary>
    public readonly bool Drifted => !(_least >= 1 / Drift && _largest <= Drift);

    public void Include(double least, double largest)
    {
        _least = Math.Min(_least, least);
        _largest = Math.Max(_largest, largest);
    }

    public void Include(ScalingBounds other) => Include(other._least, other._largest);
}

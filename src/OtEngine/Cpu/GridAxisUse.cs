namespace OtEngine.Cpu;

/// <summary>What the exponents of a <see cref="GridAxis"/> are.</summary>
internal enum GridAxisUse
{
    /// <summary>-c log2 e / eps: soft minima.</summary>
    Soft,

    /// <summary>-c, of which maxima are taken: hard minima.</summary>
    Hard,

    /// <summary>log2 (c - min c) - c log2 e / eps: soft sums in which every term is weighted by c - min c; minus infinity where that is zero.</summary>
    Weighted,
}

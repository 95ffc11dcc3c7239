namespace OtEngine.Cli.Formats;

/// <summary>
/// The five ways a PNG scanline may be written as differences to its neighbours. Source: ISO/IEC 15948 (PNG), clause 9.
/// </summary>
internal static class PngFilter
{
    /// <summary>The filter this project writes: the best of the five for photographs, and good for flat areas.</summary>
    public const byte Paeth = 4;

    /// <summary>The highest filter number.</summary>
    public const byte Highest = 4;

    /// <summary>Turns the differences of a scanline into its bytes, in place.</summary>
    /// <param name="filter">0 none, 1 left, 2 up, 3 average, 4 Paeth.</param>
    /// <param name="line">The scanline without its filter byte.</param>
    /// <param name="above">The scanline above, decoded; zeros above the first.</param>
    /// <param name="pixelBytes">Bytes from a pixel to its left neighbour; 1 where pixels share bytes.</param>
    public static void Undo(byte filter, Span<byte> line, ReadOnlySpan<byte> above, int pixelBytes)
    {
        for (int i = 0; i < line.Length; i++)
        {
            byte left = i < pixelBytes ? (byte)0 : line[i - pixelBytes];
            byte aboveLeft = i < pixelBytes ? (byte)0 : above[i - pixelBytes];
            line[i] += filter switch
            {
                1 => left,
                2 => above[i],
                3 => (byte)((left + above[i]) / 2),
                4 => PredictPaeth(left, above[i], aboveLeft),
                _ => 0,
            };
        }
    }

    /// <summary>Of left, above and above left, the one nearest to left + above - above left; ties go in this order.</summary>
    public static byte PredictPaeth(byte left, byte above, byte aboveLeft)
    {
        int estimate = left + above - aboveLeft;
        int toLeft = Math.Abs(estimate - left);
        int toAbove = Math.Abs(estimate - above);
        int toAboveLeft = Math.Abs(estimate - aboveLeft);
        if (toLeft <= toAbove && toLeft <= toAboveLeft)
            return left;
        return toAbove <= toAboveLeft ? above : aboveLeft;
    }
}

using System.Globalization;

namespace OtEngine.Cli.Plots;

/// <summary>
/// The colour map viridis: from dark violet to yellow, equal steps look equal, also in grey and to colour-blind eyes. Linear
/// between 16 of its colours. Source of the colours: S. van der Walt and N. Smith, 2015, released under CC0.
/// </summary>
internal static class ColorMap
{
    private static ReadOnlySpan<byte> Table =>
    [
        0x44, 0x01, 0x54, 0x48, 0x1A, 0x6C, 0x47, 0x2F, 0x7D, 0x41, 0x44, 0x87,
        0x39, 0x56, 0x8C, 0x31, 0x68, 0x8E, 0x2A, 0x78, 0x8E, 0x23, 0x88, 0x8E,
        0x1F, 0x98, 0x8B, 0x22, 0xA8, 0x84, 0x35, 0xB7, 0x79, 0x54, 0xC5, 0x68,
        0x7A, 0xD1, 0x51, 0xA5, 0xDB, 0x36, 0xD2, 0xE2, 0x1B, 0xFD, 0xE7, 0x25,
    ];

    /// <summary>The colour of a share of the scale: 0 is the darkest, 1 the brightest; beyond these the ends; NaN is grey.</summary>
    public static (byte R, byte G, byte B) At(double share)
    {
        if (double.IsNaN(share))
            return Missing;

        int last = (Table.Length / 3) - 1;
        double position = Math.Clamp(share, 0, 1) * last;
        int lower = Math.Min((int)position, last - 1);
        double rest = position - lower;
        return (Mix(3 * lower, rest), Mix((3 * lower) + 1, rest), Mix((3 * lower) + 2, rest));
    }

    private static (byte R, byte G, byte B) Missing { get; } = Parse(PlotStyle.Missing);

    private static byte Mix(int at, double rest) => (byte)Math.Round(((1 - rest) * Table[at]) + (rest * Table[at + 3]));

    private static (byte R, byte G, byte B) Parse(string color)
    {
        int rgb = int.Parse(color.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return ((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb);
    }
}

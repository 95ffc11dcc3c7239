namespace OtEngine.Cli.Formats;

/// <summary>
/// Turns the samples of a scanline into RGB. 16-bit samples are rounded to 8; what is transparent, wholly or partly, is laid over
/// white, as it looks on a page.
/// </summary>
/// <param name="header">The layout of the samples.</param>
/// <param name="palette">The <c>PLTE</c> chunk: RGB triples; empty without a palette.</param>
/// <param name="transparency">The <c>tRNS</c> chunk: alpha by palette index, or the one transparent colour; empty without.</param>
internal sealed class PngPixels(PngHeader header, byte[] palette, byte[] transparency)
{
    private readonly int _maxSample = (1 << header.BitDepth) - 1;

    /// <summary>Writes one pixel as red, green, blue.</summary>
    /// <returns>False where the sample is an index beyond the palette.</returns>
    public bool TryConvert(ReadOnlySpan<byte> line, int pixel, Span<byte> rgb)
    {
        int at = pixel * header.Channels;
        int first = Sample(line, at);
        switch (header.Color)
        {
            case PngColor.Palette:
                if (first >= palette.Length / 3)
                    return false;
                int indexAlpha = first < transparency.Length ? transparency[first] : 255;
                for (int c = 0; c < 3; c++)
                    rgb[c] = OverWhite(palette[(3 * first) + c], indexAlpha, 255);
                return true;

            case PngColor.Grey or PngColor.GreyAlpha:
                int greyAlpha = header.Color == PngColor.GreyAlpha ? Sample(line, at + 1) : IsKey(first, first, first) ? 0 : _maxSample;
                rgb.Fill(OverWhite(first, greyAlpha, _maxSample));
                return true;

            default:
                int green = Sample(line, at + 1);
                int blue = Sample(line, at + 2);
                int alpha = header.Color == PngColor.RgbAlpha ? Sample(line, at + 3) : IsKey(first, green, blue) ? 0 : _maxSample;
                rgb[0] = OverWhite(first, alpha, _maxSample);
                rgb[1] = OverWhite(green, alpha, _maxSample);
                rgb[2] = OverWhite(blue, alpha, _maxSample);
                return true;
        }
    }

    // sample / max laid over white by alpha / max, rounded to 0..255; in 64 bits, since 65535^2 x 255 passes 32.
    private static byte OverWhite(int sample, int alpha, int max)
    {
        long scaled = ((long)sample * alpha) + ((long)max * (max - alpha));
        long whole = (long)max * max;
        return (byte)(((255 * scaled) + (whole / 2)) / whole);
    }

    private bool IsKey(int red, int green, int blue)
    {
        if (header.Color == PngColor.Grey)
            return transparency.Length == 2 && red == Key(0);

        return transparency.Length == 6 && red == Key(0) && green == Key(1) && blue == Key(2);
    }

    private int Key(int channel) => ((transparency[2 * channel] << 8) | transparency[(2 * channel) + 1]) & _maxSample;

    private int Sample(ReadOnlySpan<byte> line, int index)
    {
        switch (header.BitDepth)
        {
            case 8:
                return line[index];
            case 16:
                return (line[2 * index] << 8) | line[(2 * index) + 1];
            default:
                int bit = index * header.BitDepth;
                return (line[bit >> 3] >> (8 - header.BitDepth - (bit & 7))) & _maxSample;
        }
    }
}

using System.Buffers.Binary;

namespace OtEngine.Cli.Formats;

/// <summary>How the samples of a pixel are stored; the numbers are PNG's own.</summary>
internal enum PngColor
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    RgbAlpha = 6,
}

/// <summary>The <c>IHDR</c> chunk of a PNG file: size and layout. Source: ISO/IEC 15948 (PNG), clause 11.2.2.</summary>
internal sealed record PngHeader(int Width, int Height, int BitDepth, PngColor Color, bool IsInterlaced)
{
    /// <summary>The length of the chunk's data.</summary>
    public const int Length = 13;

    /// <summary>Samples in a pixel.</summary>
    public int Channels => Color switch
    {
        PngColor.Rgb => 3,
        PngColor.GreyAlpha => 2,
        PngColor.RgbAlpha => 4,
        _ => 1,
    };

    /// <summary>Bytes from a pixel to the next, at least 1: what filters count in.</summary>
    public int PixelBytes => Math.Max(1, Channels * BitDepth / 8);

    /// <summary>Reads the chunk's data and checks it.</summary>
    /// <exception cref="InputFileException">A field has a value the format does not have, or the image is too large.</exception>
    public static PngHeader Parse(ReadOnlySpan<byte> data, string name, ReadLimits limits)
    {
        if (data.Length != Length)
            throw new InputFileException(name, $"the PNG chunk IHDR has {data.Length} bytes instead of {Length}");

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
            throw new InputFileException(name, $"claims {width} x {height} pixels; both must be from 1 to 2^31 - 1");

        long mostPixels = Math.Min(limits.MaxPixels, Array.MaxLength / 8);
        if ((long)width * height > mostPixels)
            throw new InputFileException(name, $"claims {width} x {height} pixels; at most {mostPixels} are read");

        (byte depth, byte color, byte interlace) = (data[8], data[9], data[12]);
        bool isKnown = ((PngColor)color, depth) is
            (PngColor.Grey, 1 or 2 or 4 or 8 or 16)
            or (PngColor.Palette, 1 or 2 or 4 or 8)
            or (PngColor.Rgb or PngColor.GreyAlpha or PngColor.RgbAlpha, 8 or 16);
        if (!isKnown)
            throw new InputFileException(name, $"has PNG colour type {color} with {depth} bits, which the format does not have");
        if (data[10] != 0 || data[11] != 0 || interlace > 1)
            throw new InputFileException(name, $"has PNG compression {data[10]}, filtering {data[11]}, interlacing {interlace}; 0, 0 and 0 or 1 exist");

        return new PngHeader((int)width, (int)height, depth, (PngColor)color, interlace == 1);
    }

    /// <summary>The bytes of a scanline of <paramref name="pixels"/> pixels, without its filter byte.</summary>
    public long LineBytes(int pixels) => (((long)pixels * Channels * BitDepth) + 7) / 8;
}

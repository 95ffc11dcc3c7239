using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace OtEngine.Cli.Formats;

/// <summary>
/// Reads PNG files of every colour type and depth of the standard, interlaced or not, as 8-bit RGB. Chunk checks and the
/// compressed stream's own check are verified; gamma and colour profiles are ignored, samples are taken as they are.
/// Source: ISO/IEC 15948:2004 (PNG).
/// </summary>
internal static class PngDecoder
{
    /// <summary>Longer files are not read: no image within the pixel limit needs as many bytes.</summary>
    private const long MaxFileBytes = 1L << 30;

    /// <summary>The first bytes of every file.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads an image.</summary>
    /// <param name="stream">The file from its first byte.</param>
    /// <param name="length">The length of the file in bytes.</param>
    /// <param name="name">The file as the user named it.</param>
    /// <param name="limits">The most pixels that are read.</param>
    /// <exception cref="InputFileException">The file is damaged or too large.</exception>
    public static PngImage Read(Stream stream, long length, string name, ReadLimits limits)
    {
        if (length > MaxFileBytes)
            throw new InputFileException(name, $"has {length} bytes; PNG files of at most {MaxFileBytes} are read");

        var file = new byte[length];
        int count = stream.ReadAtLeast(file, file.Length, throwOnEndOfStream: false);
        if (!file.AsSpan(0, count).StartsWith(Signature))
            throw new InputFileException(name, "is not a PNG file: it does not start with the bytes of the format");

        var chunks = PngChunks.Read(file.AsMemory(0, count), name, limits);
        return Decode(chunks, name);
    }

    private static PngImage Decode(PngChunks chunks, string name)
    {
        PngHeader header = chunks.Header;
        PngPass[] passes = PngPass.Of(header);
        long rawBytes = passes.Sum(pass => pass.Height * (1 + header.LineBytes(pass.Width)));
        if (rawBytes > (chunks.Compressed.Length * NpzReader.MaxDeflateRatio) + NpzReader.MaxDeflateRatio)
        {
            throw new InputFileException(
                name,
                $"claims {header.Width} x {header.Height} pixels, more than its {chunks.Compressed.Length} compressed bytes can hold; the file was cut short");
        }

        var rgb = new byte[3 * header.Width * header.Height];
        var pixels = new PngPixels(header, chunks.Palette, chunks.Transparency);
        try
        {
            using var compressed = new MemoryStream(chunks.Compressed, writable: false);
            using var raw = new ZLibStream(compressed, CompressionMode.Decompress);
            foreach (PngPass pass in passes)
                DecodePass(raw, pass, header, pixels, rgb, name);
            if (raw.ReadByte() >= 0)
                throw new InputFileException(name, $"holds more data than {header.Width} x {header.Height} pixels need; the file is damaged");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InputFileException(name, $"the compressed pixels are damaged: {e.Message}", e);
        }

        return new PngImage(header.Width, header.Height, rgb);
    }

    private static void DecodePass(Stream raw, PngPass pass, PngHeader header, PngPixels pixels, byte[] rgb, string name)
    {
        int lineBytes = (int)header.LineBytes(pass.Width);
        var line = new byte[1 + lineBytes];
        var above = new byte[1 + lineBytes];
        for (int y = 0; y < pass.Height; y++)
        {
            if (raw.ReadAtLeast(line, line.Length, throwOnEndOfStream: false) < line.Length)
                throw new InputFileException(name, $"ends within its pixels, at row {y + 1} of {pass.Height}; the file was cut short");
            if (line[0] > PngFilter.Highest)
                throw new InputFileException(name, $"has filter {line[0]} in row {y + 1}; PNG has 0 to {PngFilter.Highest}");

            PngFilter.Undo(line[0], line.AsSpan(1), above.AsSpan(1), header.PixelBytes);
            int rowStart = (pass.Top + (y * pass.StepY)) * header.Width;
            for (int x = 0; x < pass.Width; x++)
            {
                int pixel = rowStart + pass.Left + (x * pass.StepX);
                if (!pixels.TryConvert(line.AsSpan(1), x, rgb.AsSpan(3 * pixel, 3)))
                    throw new InputFileException(name, $"row {y + 1} has a pixel with a colour beyond the end of the palette");
            }

            (line, above) = (above, line);
        }
    }
}

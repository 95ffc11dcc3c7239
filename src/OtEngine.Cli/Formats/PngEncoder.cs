using System.Buffers.Binary;
using System.IO.Compression;

namespace OtEngine.Cli.Formats;

/// <summary>Writes PNG files of 8-bit RGB. Source: ISO/IEC 15948:2004 (PNG).</summary>
internal static class PngEncoder
{
    /// <summary>Writes an image to a stream.</summary>
    public static void Write(Stream stream, PngImage image)
    {
        stream.Write(PngDecoder.Signature);

        Span<byte> header = stackalloc byte[PngHeader.Length];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = (byte)PngColor.Rgb;
        WriteChunk(stream, "IHDR"u8, header);

        using var compressed = new MemoryStream();
        using (var deflate = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            WriteLines(deflate, image);

        WriteChunk(stream, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        WriteChunk(stream, "IEND"u8, []);
    }

    /// <summary>The bytes of the file.</summary>
    public static byte[] ToBytes(PngImage image)
    {
        using var stream = new MemoryStream();
        Write(stream, image);
        return stream.ToArray();
    }

    private static void WriteLines(Stream stream, PngImage image)
    {
        const int Pixel = 3;
        int length = Pixel * image.Width;
        var line = new byte[1 + length];
        ReadOnlySpan<byte> above = new byte[length];
        line[0] = PngFilter.Paeth;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> current = image.Rgb.AsSpan(y * length, length);
            for (int i = 0; i < length; i++)
            {
                byte left = i < Pixel ? (byte)0 : current[i - Pixel];
                byte aboveLeft = i < Pixel ? (byte)0 : above[i - Pixel];
                line[1 + i] = (byte)(current[i] - PngFilter.PredictPaeth(left, above[i], aboveLeft));
            }

            stream.Write(line);
            above = current;
        }
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);

        var crc = default(Crc32);
        crc.Append(type);
        crc.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.Value);
        stream.Write(number);
    }
}

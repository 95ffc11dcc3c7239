using System.Buffers.Binary;
using System.Text;

namespace OtEngine.Cli.Formats;

/// <summary>The chunks of a PNG file that an image is made of, checked and in order. Source: ISO/IEC 15948 (PNG), clauses 5 and 11.</summary>
internal sealed class PngChunks
{
    private PngChunks(PngHeader header, byte[] palette, byte[] transparency, byte[] compressed)
    {
        Header = header;
        Palette = palette;
        Transparency = transparency;
        Compressed = compressed;
    }

    /// <summary>Size and layout: <c>IHDR</c>.</summary>
    public PngHeader Header { get; }

    /// <summary>RGB triples: <c>PLTE</c>; empty where it is absent.</summary>
    public byte[] Palette { get; }

    /// <summary><c>tRNS</c>; empty where it is absent.</summary>
    public byte[] Transparency { get; }

    /// <summary>The compressed scanlines: all <c>IDAT</c> joined.</summary>
    public byte[] Compressed { get; }

    /// <summary>Walks through a file whose signature is right.</summary>
    /// <exception cref="InputFileException">A chunk is damaged, missing, unknown and critical, or out of order.</exception>
    public static PngChunks Read(ReadOnlyMemory<byte> file, string name, ReadLimits limits)
    {
        PngHeader? header = null;
        byte[] palette = [];
        byte[] transparency = [];
        var pieces = new List<ReadOnlyMemory<byte>>();
        bool isDataOver = false;
        bool isEnd = false;
        int at = PngDecoder.Signature.Length;

        while (!isEnd)
        {
            (string type, ReadOnlyMemory<byte> data) = ReadChunk(file, ref at, name);
            if (header is null != (type == "IHDR"))
                throw new InputFileException(name, $"the PNG chunk {type} is out of place; IHDR comes first, and once");

            isDataOver |= type != "IDAT" && pieces.Count > 0;
            switch (type)
            {
                case "IHDR":
                    header = PngHeader.Parse(data.Span, name, limits);
                    break;
                case "PLTE":
                    if (palette.Length > 0 || pieces.Count > 0 || data.Length is 0 or > 768 || data.Length % 3 != 0)
                        throw new InputFileException(name, $"the PNG chunk PLTE ({data.Length} bytes) is repeated, late, or not 1 to 256 RGB triples");
                    palette = data.ToArray();
                    break;
                case "tRNS":
                    if (data.Length > 256)
                        throw new InputFileException(name, $"the PNG chunk tRNS has {data.Length} bytes; at most 256 exist");
                    transparency = data.ToArray();
                    break;
                case "IDAT":
                    if (isDataOver)
                        throw new InputFileException(name, "the PNG chunks IDAT are not in one run");
                    pieces.Add(data);
                    break;
                case "IEND":
                    isEnd = true;
                    break;
                default:
                    // A capital first letter marks a chunk without which the image cannot be understood.
                    if (char.IsAsciiLetterUpper(type[0]))
                        throw new InputFileException(name, $"needs the unknown PNG chunk {type}");
                    break;
            }
        }

        if (at != file.Length)
            throw new InputFileException(name, $"{file.Length - at} bytes follow the end of the image");
        if (pieces.Count == 0)
            throw new InputFileException(name, "has no PNG chunk IDAT, so no pixels");
        if (header!.Color == PngColor.Palette && palette.Length == 0)
            throw new InputFileException(name, "has colours by palette but no PNG chunk PLTE");

        return new PngChunks(header, palette, transparency, Join(pieces));
    }

    private static (string Type, ReadOnlyMemory<byte> Data) ReadChunk(ReadOnlyMemory<byte> file, ref int at, string name)
    {
        ReadOnlySpan<byte> rest = file.Span[at..];
        if (rest.Length < 12)
            throw new InputFileException(name, "ends before its PNG chunk IEND; the file was cut short");

        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        ReadOnlySpan<byte> typeBytes = rest.Slice(4, 4);
        foreach (byte b in typeBytes)
        {
            if (!char.IsAsciiLetter((char)b))
                throw new InputFileException(name, $"has no PNG chunk at byte {at}; the file is damaged");
        }

        string type = Encoding.ASCII.GetString(typeBytes);
        if (length > rest.Length - 12)
            throw new InputFileException(name, $"the PNG chunk {type} claims {length} bytes, but {rest.Length - 12} are left; the file was cut short");

        uint expected = BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]);
        uint actual = Crc32.Of(rest.Slice(4, 4 + (int)length));
        if (expected != actual)
            throw new InputFileException(name, $"the PNG chunk {type} has the check value {actual:x8} instead of {expected:x8}; the file is damaged");

        ReadOnlyMemory<byte> data = file.Slice(at + 8, (int)length);
        at += 12 + (int)length;
        return (type, data);
    }

    private static byte[] Join(List<ReadOnlyMemory<byte>> pieces)
    {
        var joined = new byte[pieces.Sum(piece => piece.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            piece.Span.CopyTo(joined.AsSpan(at));
            at += piece.Length;
        }

        return joined;
    }
}

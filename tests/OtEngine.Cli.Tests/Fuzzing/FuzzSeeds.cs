using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Tests.Fuzzing;

/// <summary>Small sound files of every format, built in memory, and files around damaged contents.</summary>
internal static class FuzzSeeds
{
    public static byte[] Npy(string descr, bool isFortranOrder, string shape, int dataBytes, byte version = 1)
    {
        string order = isFortranOrder ? "True" : "False";
        byte[] dictionary = Encoding.Latin1.GetBytes($"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        using var file = new MemoryStream();
        file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', version, 0]);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, dictionary.Length);
        file.Write(version == 1 ? length[..2] : length);
        file.Write(dictionary);
        for (int i = 0; i < dataBytes; i++)
            file.WriteByte((byte)(i % 8 < 6 ? i : 0));
        return file.ToArray();
    }

    public static byte[][] NpyFiles() =>
    [
        Npy("<f8", false, "(3, 4)", 96),
        Npy(">f4", true, "(2, 3, 2)", 48, 2),
        Npy("|b1", false, "(7,)", 7, 3),
        Npy("<i8", false, "()", 8),
        Npy(">u2", true, "(5, 1)", 10),
        Npy("<f2", false, "(0, 5)", 0),
    ];

    /// <summary>Rights the header length of a damaged file, so that what its dictionary says is read as far as it goes.</summary>
    public static byte[] RepairNpy(byte[] damaged)
    {
        int end = damaged.AsSpan().IndexOf("}\n"u8) + 2;
        bool isFirstVersion = damaged.Length > 6 && damaged[6] == 1;
        int start = isFirstVersion ? 10 : 12;
        if (end < start)
            return damaged;

        byte[] file = [.. damaged];
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, end - start);
        length[..(start - 8)].CopyTo(file.AsSpan(8));
        return file;
    }

    public static byte[] Npz(CompressionLevel level, params (string Name, byte[] File)[] entries)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] file) in entries)
            {
                using Stream entry = archive.CreateEntry(name, level).Open();
                entry.Write(file);
            }
        }

        return stream.ToArray();
    }

    public static byte[][] NpzFiles()
    {
        byte[][] npy = NpyFiles();
        return
        [
            Npz(CompressionLevel.Optimal, ("a.npy", npy[0])),
            Npz(CompressionLevel.NoCompression, ("a.npy", npy[1]), ("b.npy", npy[2])),
            Npz(CompressionLevel.Fastest, ("a", npy[3]), ("weights.npy", npy[4]), ("empty.npy", npy[5])),
        ];
    }

    public static byte[][] CsvFiles() =>
    [
        "1,2.5,-3e-2\n4,nan,inf\n"u8.ToArray(),
        "x;y\r\n1;2\r\n\r\n"u8.ToArray(),
        "# made by hand\n 1.5  2   3\n-1 0 .5\n"u8.ToArray(),
        "\"first\",\"second, with a comma\"\n\"1\", 2\n3 ,4"u8.ToArray(),
        [0xEF, 0xBB, 0xBF, .. "7\n8\n9\n"u8],
        "1\t2\n3\t4\n"u8.ToArray(),
    ];

    /// <summary>A PNG file whose header and scanlines may be anything, with right check values and the palette.</summary>
    /// <param name="headerAndLines">The 13 bytes of <c>IHDR</c>, then the scanlines with their filter bytes.</param>
    public static byte[] PngAround(byte[] headerAndLines)
    {
        int split = Math.Min(13, headerAndLines.Length);
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(headerAndLines.AsSpan(split));

        using var file = new MemoryStream();
        file.Write(PngDecoder.Signature);
        WriteChunk(file, "IHDR"u8, headerAndLines.AsSpan(0, split));
        WriteChunk(file, "PLTE"u8, [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]);
        WriteChunk(file, "tRNS"u8, [255, 128, 0, 1, 2, 3]);
        WriteChunk(file, "IDAT"u8, packed.ToArray());
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Headers and scanlines for <see cref="PngAround"/>: width and height of 5, then what differs.</summary>
    public static byte[][] PngContents() =>
    [
        PngContent(8, 2, 0, 5 * (1 + 15)),
        PngContent(16, 6, 0, 5 * (1 + 40)),
        PngContent(2, 3, 0, 5 * (1 + 2)),
        PngContent(4, 3, 0, 5 * (1 + 3)),
        PngContent(8, 3, 0, 5 * (1 + 5)),
        PngContent(1, 0, 0, 5 * (1 + 1)),
        PngContent(8, 4, 0, 5 * (1 + 10)),

        // Adam7 on 5 x 5: passes of 1 x 1, 1 x 1, 2 x 1, 1 x 2, 3 x 1, 2 x 3 and 5 x 2 pixels.
        PngContent(8, 0, 1, 2 + 2 + 3 + 4 + 4 + 9 + 12),
    ];

    public static byte[][] PngFiles() => [.. PngContents().Select(PngAround)];

    /// <summary>Rights the check values of all chunks that can be found in a damaged file.</summary>
    public static byte[] RepairPng(byte[] damaged)
    {
        byte[] file = [.. damaged];
        int at = PngDecoder.Signature.Length;
        while (at + 12L <= file.Length)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
                break;

            int end = at + 8 + (int)length;
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(end), Crc32.Of(file.AsSpan(at + 4, 4 + (int)length)));
            at = end + 4;
        }

        return file;
    }

    private static byte[] PngContent(byte depth, byte color, byte interlace, int lineBytes)
    {
        var content = new byte[13 + lineBytes];
        content[3] = 5;
        content[7] = 5;
        content[8] = depth;
        content[9] = color;
        content[12] = interlace;
        return content;
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        byte[] checkedPart = [.. type, .. data];
        stream.Write(checkedPart);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(checkedPart));
        stream.Write(number);
    }
}

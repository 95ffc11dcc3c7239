using System.Buffers.Binary;

namespace OtEngine.Cli.Formats;

/// <summary>
/// The head of an <c>.npy</c> file of format version 1.0, 2.0 or 3.0: magic bytes, version, length, and a Python dictionary with
/// <c>descr</c>, <c>fortran_order</c> and <c>shape</c>.
/// Source: NumPy Enhancement Proposal 1 and the documentation of <c>numpy.lib.format</c>.
/// </summary>
internal sealed record NpyHeader(NpyType Type, bool IsFortranOrder, int[] Shape, string Comment, long DataOffset)
{
    /// <summary>The longest dictionary that is read. NumPy itself writes about a hundred bytes for the types read here.</summary>
    public const int MaxLength = 1 << 16;

    /// <summary>The most axes an array may have; NumPy 2's own limit.</summary>
    public const int MaxRank = 64;

    /// <summary>The first bytes of every file: 0x93 and <c>NUMPY</c>.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The number of elements.</summary>
    public long ElementCount { get; } = NumericArray.CountElements(Shape);

    /// <summary>Reads the head from the start of a stream and leaves the stream at the first element.</summary>
    /// <param name="stream">The stream, at the file's first byte.</param>
    /// <param name="length">The length of the whole file in bytes.</param>
    /// <param name="name">The file as the user named it.</param>
    /// <param name="limits">The most elements that are read.</param>
    /// <exception cref="InputFileException">The head is damaged, or its shape, type and the file's length contradict each other.</exception>
    public static NpyHeader Read(Stream stream, long length, string name, ReadLimits limits)
    {
        Span<byte> fixedPart = stackalloc byte[12];
        int fixedLength = stream.ReadAtLeast(fixedPart[..8], 8, throwOnEndOfStream: false);
        if (fixedLength < 8 || !fixedPart.StartsWith(Magic))
            throw new InputFileException(name, "is not an .npy file: it does not start with the bytes of NumPy's format");

        (byte major, byte minor) = (fixedPart[6], fixedPart[7]);
        if (major is < 1 or > 3 || minor != 0)
            throw new InputFileException(name, $"has .npy format version {major}.{minor}; versions 1.0, 2.0 and 3.0 are read");

        int lengthBytes = major == 1 ? 2 : 4;
        Span<byte> lengthField = fixedPart.Slice(8, lengthBytes);
        if (stream.ReadAtLeast(lengthField, lengthBytes, throwOnEndOfStream: false) < lengthBytes)
            throw new InputFileException(name, "ends within its .npy header; the file was cut short");

        long headerLength = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthField) : BinaryPrimitives.ReadUInt32LittleEndian(lengthField);
        long dataOffset = 8 + lengthBytes + headerLength;
        if (headerLength > MaxLength)
            throw new InputFileException(name, $"claims an .npy header of {headerLength} bytes; at most {MaxLength} are read");
        if (dataOffset > length)
            throw new InputFileException(name, $"claims an .npy header of {headerLength} bytes, but the file has {length} bytes; the file was cut short");

        var text = new byte[headerLength];
        if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
            throw new InputFileException(name, "ends within its .npy header; the file was cut short");

        NpyHeader header = new NpyHeaderParser(text, name).Parse(dataOffset);
        header.CheckAgainst(length, name, limits);
        return header;
    }

    private void CheckAgainst(long length, string name, ReadLimits limits)
    {
        if (ElementCount > Math.Min(limits.MaxElements, Array.MaxLength))
        {
            throw new InputFileException(
                name,
                $"claims the shape {NumericArray.Describe(Shape)}; at most {Math.Min(limits.MaxElements, Array.MaxLength)} numbers are read");
        }

        long expected = DataOffset + (ElementCount * Type.Size);
        if (expected != length)
        {
            string what = length < expected ? "the file was cut short" : $"{length - expected} bytes follow the array";
            throw new InputFileException(
                name,
                $"{NumericArray.Describe(Shape)} of {Type.Name} need {expected} bytes with the header, but the file has {length}: {what}");
        }
    }
}

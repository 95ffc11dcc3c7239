using System.Runtime.InteropServices;

namespace OtEngine.Cli.Formats;

/// <summary>
/// Reads <c>.npy</c> files: bool, integers of 8 to 64 bits, float16, float32 and float64, in either byte order, in C or Fortran
/// order, of any rank. An integer that a double cannot hold exactly is refused; save such an array as float64 to have it rounded.
/// </summary>
internal static class NpyReader
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>Reads one array.</summary>
    /// <param name="stream">The file from its first byte; it need not be seekable.</param>
    /// <param name="length">The length of the whole file in bytes.</param>
    /// <param name="name">The file as the user named it.</param>
    /// <param name="limits">The most elements that are read.</param>
    /// <exception cref="InputFileException">The file is damaged or holds what cannot be read.</exception>
    public static NumericArray Read(Stream stream, long length, string name, ReadLimits limits)
    {
        NpyHeader header = NpyHeader.Read(stream, length, name, limits);
        var values = new double[header.ElementCount];

        // One axis longer than one is the same in both orders.
        bool isScattered = header.IsFortranOrder && header.Shape.Count(n => n != 1) > 1;
        if (isScattered)
            ReadFortranOrder(stream, header, values, name);
        else
            ReadInOrder(stream, header, values, name);

        return new NumericArray(name, values, header.Shape, header.Type.Name);
    }

    private static void ReadInOrder(Stream stream, NpyHeader header, double[] values, string name)
    {
        NpyType type = header.Type;
        if (type is { Kind: NpyKind.Float, Size: 8 } && type.IsBigEndian != BitConverter.IsLittleEndian)
        {
            // In pieces, because the bytes of an array may be more than a span can count.
            for (int start = 0; start < values.Length;)
            {
                int count = Math.Min(values.Length - start, 1 << 24);
                ReadBytes(stream, MemoryMarshal.AsBytes(values.AsSpan(start, count)), name);
                start += count;
            }

            return;
        }

        var chunk = new byte[Math.Min(ChunkBytes, values.Length * (long)type.Size)];
        for (int start = 0; start < values.Length;)
        {
            int count = Math.Min(values.Length - start, chunk.Length / type.Size);
            ReadChunk(stream, header, chunk.AsSpan(0, count * type.Size), values.AsSpan(start, count), start, name);
            start += count;
        }
    }

    private static void ReadFortranOrder(Stream stream, NpyHeader header, double[] values, string name)
    {
        int[] shape = header.Shape;
        var strides = new int[shape.Length];
        int stride = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(shape[axis], 1);
        }

        int size = header.Type.Size;
        var chunk = new byte[Math.Min(ChunkBytes, values.Length * (long)size)];
        var converted = new double[chunk.Length / size];
        var index = new int[shape.Length];
        int offset = 0;
        for (int start = 0; start < values.Length;)
        {
            int count = Math.Min(values.Length - start, converted.Length);
            ReadChunk(stream, header, chunk.AsSpan(0, count * size), converted.AsSpan(0, count), start, name);
            start += count;

            for (int i = 0; i < count; i++)
            {
                values[offset] = converted[i];
                for (int axis = 0; axis < shape.Length; axis++)
                {
                    offset += strides[axis];
                    if (++index[axis] < shape[axis])
                        break;

                    offset -= shape[axis] * strides[axis];
                    index[axis] = 0;
                }
            }
        }
    }

    private static void ReadChunk(Stream stream, NpyHeader header, Span<byte> bytes, Span<double> values, int start, string name)
    {
        ReadBytes(stream, bytes, name);
        int bad = NpyElements.ToDoubles(bytes, header.Type, values, out string inexact);
        if (bad >= 0)
        {
            throw new InputFileException(
                name,
                $"{DescribeElement(start + bad, header)} is {inexact}, which a double cannot hold exactly; "
                + "keep integers within +-2^53 or save the array as float64");
        }
    }

    private static void ReadBytes(Stream stream, Span<byte> bytes, string name)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new InputFileException(name, "ends within its array; the file was cut short");
    }

    private static string DescribeElement(int position, NpyHeader header)
    {
        // Fortran order is row-major order with the axes the other way round.
        int[] shape = header.IsFortranOrder ? [.. header.Shape.Reverse()] : header.Shape;
        int[] index = NumericArray.IndexOf(position, shape);
        return $"element [{string.Join(", ", header.IsFortranOrder ? index.Reverse() : index)}]";
    }
}

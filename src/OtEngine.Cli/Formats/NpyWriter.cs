using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OtEngine.Cli.Formats;

/// <summary>
/// Writes <c>.npy</c> files of format version 1.0: float32 or float64, little-endian, C order, the first element at a multiple of
/// 64 bytes so that the file can be mapped into memory.
/// </summary>
internal static class NpyWriter
{
    private const int Alignment = 64;

    private const int ChunkElements = 1 << 20;

    /// <summary>Writes a file; one of that name is replaced once the new one is complete.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="values">The numbers, row-major.</param>
    /// <param name="shape">The lengths of the axes, outermost first.</param>
    /// <exception cref="InputFileException">The file cannot be written.</exception>
    public static void Write<T>(string path, ReadOnlySpan<T> values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        using OutputFile file = OutputFile.Create(path);
        Write(file.Stream, values, shape);
        file.Commit();
    }

    /// <summary>Writes an array to a stream.</summary>
    public static void Write<T>(Stream stream, ReadOnlySpan<T> values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        if (NumericArray.CountElements(shape) != values.Length)
            throw new ArgumentException($"{values.Length} values do not fill the shape {NumericArray.Describe(shape)}.", nameof(values));

        stream.Write(CreateHeader<T>(shape, ""));
        for (int start = 0; start < values.Length; start += ChunkElements)
            WriteElements(stream, values.Slice(start, Math.Min(ChunkElements, values.Length - start)));
    }

    /// <summary>The bytes before the first element.</summary>
    /// <param name="shape">The lengths of the axes.</param>
    /// <param name="comment">Text that Python skips when it reads the header; empty for none.</param>
    public static byte[] CreateHeader<T>(ReadOnlySpan<int> shape, string comment)
        where T : unmanaged
    {
        string descr = default(T) switch
        {
            float => "<f4",
            double => "<f8",
            _ => throw new NotSupportedException($"{typeof(T).Name} is not written; float and double are."),
        };

        var dictionary = new StringBuilder($"{{'descr': '{descr}', 'fortran_order': False, 'shape': (");
        for (int axis = 0; axis < shape.Length; axis++)
            dictionary.Append(CultureInfo.InvariantCulture, $"{(axis == 0 ? "" : " ")}{shape[axis]}{(axis + 1 < shape.Length || axis == 0 ? "," : "")}");
        dictionary.Append("), }");
        if (comment.Length > 0)
            dictionary.Append(" # ").Append(comment);

        int prefix = NpyHeader.Magic.Length + 4;
        int total = (prefix + dictionary.Length + 1 + Alignment - 1) / Alignment * Alignment;
        dictionary.Append(' ', total - prefix - dictionary.Length - 1).Append('\n');

        var header = new byte[total];
        NpyHeader.Magic.CopyTo(header);
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), checked((ushort)dictionary.Length));
        Encoding.Latin1.GetBytes(dictionary.ToString(), header.AsSpan(prefix));
        return header;
    }

    private static void WriteElements<T>(Stream stream, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        byte[] bytes = MemoryMarshal.AsBytes(values).ToArray();
        NpyElements.ReverseEndianness(bytes, Marshal.SizeOf<T>());
        stream.Write(bytes);
    }
}

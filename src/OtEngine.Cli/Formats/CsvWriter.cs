using System.Globalization;
using System.Numerics;
using System.Text;

namespace OtEngine.Cli.Formats;

/// <summary>
/// Writes tables of numbers as text: commas, decimal points, LF. Each number has the fewest digits that give the same value back;
/// what is no number is written as <c>nan</c>, <c>inf</c> or <c>-inf</c>, as NumPy does.
/// </summary>
internal static class CsvWriter
{
    private const int FlushBytes = 1 << 16;
    private const int LongestNumber = 32;

    /// <summary>Writes a file; one of that name is replaced once the new one is complete.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="values">The numbers, row-major.</param>
    /// <param name="columns">Numbers in a row; at least 1.</param>
    /// <param name="names">The names of the columns, for a first row; none if null. Commas and quotes do not belong in them.</param>
    /// <exception cref="InputFileException">The file cannot be written.</exception>
    public static void Write<T>(string path, ReadOnlySpan<T> values, int columns, IReadOnlyList<string>? names = null)
        where T : unmanaged, INumber<T>, IUtf8SpanFormattable
    {
        using OutputFile file = OutputFile.Create(path);
        Write(file.Stream, values, columns, names);
        file.Commit();
    }

    /// <summary>Writes a table to a stream.</summary>
    public static void Write<T>(Stream stream, ReadOnlySpan<T> values, int columns, IReadOnlyList<string>? names = null)
        where T : unmanaged, INumber<T>, IUtf8SpanFormattable
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (values.Length % columns != 0)
            throw new ArgumentException($"{values.Length} values do not fill rows of {columns}.", nameof(values));
        if (names is not null)
            stream.Write(Encoding.UTF8.GetBytes(string.Join(',', names) + "\n"));

        var buffer = new byte[FlushBytes + LongestNumber + 1];
        int used = 0;
        for (int i = 0; i < values.Length; i++)
        {
            used += Format(values[i], buffer.AsSpan(used));
            buffer[used++] = (i + 1) % columns == 0 ? (byte)'\n' : (byte)',';
            if (used >= FlushBytes)
            {
                stream.Write(buffer, 0, used);
                used = 0;
            }
        }

        stream.Write(buffer, 0, used);
    }

    private static int Format<T>(T value, Span<byte> destination)
        where T : unmanaged, INumber<T>, IUtf8SpanFormattable
    {
        if (!T.IsFinite(value))
        {
            ReadOnlySpan<byte> word = T.IsNaN(value) ? "nan"u8 : T.IsNegative(value) ? "-inf"u8 : "inf"u8;
            word.CopyTo(destination);
            return word.Length;
        }

        value.TryFormat(destination, out int length, default, CultureInfo.InvariantCulture);
        return length;
    }
}

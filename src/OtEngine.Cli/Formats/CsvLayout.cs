using System.Globalization;

namespace OtEngine.Cli.Formats;

/// <summary>How a line of a text table falls into fields, and what counts as a number. </summary>
internal static class CsvLayout
{
    /// <summary>Stands for runs of spaces and tabs between fields, and for a table of one column.</summary>
    public const byte Blanks = (byte)' ';

    /// <summary>The separator of a line: comma, semicolon, tab or blanks; 0 where two of the first three occur.</summary>
    public static byte FindSeparator(ReadOnlySpan<byte> line)
    {
        byte found = Blanks;
        bool isQuoted = false;
        foreach (byte b in line.Trim(" \t"u8))
        {
            isQuoted ^= b == (byte)'"';
            if (isQuoted || b is not ((byte)',' or (byte)';' or (byte)'\t') || b == found)
                continue;
            if (found != Blanks)
                return 0;
            found = b;
        }

        return found;
    }

    /// <summary>Takes the next field, without the blanks and quotes around it, off the front of <paramref name="rest"/>.</summary>
    /// <param name="rest">What is left of the line; <paramref name="isLast"/> says that nothing is.</param>
    /// <param name="separator">As found by <see cref="FindSeparator"/>.</param>
    /// <param name="isLast">Whether no separator followed the field.</param>
    /// <returns>The field; a quote that is not closed, or is followed by more text, stays in it and makes it no number.</returns>
    public static ReadOnlySpan<byte> TakeField(ref ReadOnlySpan<byte> rest, byte separator, out bool isLast)
    {
        ReadOnlySpan<byte> blanks = separator == (byte)'\t' ? " "u8 : " \t"u8;
        rest = rest.TrimStart(blanks);

        int from = rest.StartsWith("\""u8) ? Math.Max(rest[1..].IndexOf((byte)'"') + 1, 0) : 0;
        int length = separator == Blanks ? rest[from..].IndexOfAny(" \t"u8) : rest[from..].IndexOf(separator);
        isLast = length < 0;

        ReadOnlySpan<byte> field = isLast ? rest : rest[..(from + length)];
        rest = isLast ? [] : rest[(from + length + 1)..];
        if (separator == Blanks)
        {
            rest = rest.TrimStart(blanks);
            isLast = rest.IsEmpty;
        }

        field = field.TrimEnd(blanks);
        return field.Length >= 2 && field[0] == (byte)'"' && field[^1] == (byte)'"' ? field[1..^1].Trim(blanks) : field;
    }

    /// <summary>
    /// A decimal number with a point, or <c>nan</c>, <c>inf</c>, <c>infinity</c> in any case with an optional sign; rounded to the
    /// nearest double. A finite number beyond the largest double is none.
    /// </summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> field, out double value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!field.IsEmpty && field[^1] is (>= (byte)'0' and <= (byte)'9') or (byte)'.')
            return double.TryParse(field, Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

        return TryParseSpecial(field, out value);
    }

    private static bool TryParseSpecial(ReadOnlySpan<byte> field, out double value)
    {
        bool isNegative = field.StartsWith("-"u8);
        ReadOnlySpan<byte> word = isNegative || field.StartsWith("+"u8) ? field[1..] : field;
        value = double.NaN;
        if (System.Text.Ascii.EqualsIgnoreCase(word, "nan"u8))
            return true;

        value = isNegative ? double.NegativeInfinity : double.PositiveInfinity;
        return System.Text.Ascii.EqualsIgnoreCase(word, "inf"u8) || System.Text.Ascii.EqualsIgnoreCase(word, "infinity"u8);
    }
}

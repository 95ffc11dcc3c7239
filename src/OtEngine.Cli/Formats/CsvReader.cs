using System.Globalization;
using System.Text;
using CsvHelper;

namespace OtEngine.Cli.Formats;

/// <summary>
/// Reads tables of numbers from text: comma, semicolon, tab or blanks between fields, a decimal point, an optional first row of
/// names; empty lines and lines from <c>#</c> on are skipped. Every row has as many fields, none of them empty. The result is
/// always rows x columns. Rows are counted as an editor counts lines, so that a message leads to the place.
/// </summary>
internal static class CsvReader
{
    /// <summary>The longest line that is read, in bytes: ten million numbers and more.</summary>
    private const int LongestLine = 1 << 28;

    private const char Blank = ' ';

    /// <summary>Reads a table.</summary>
    /// <param name="stream">The text in UTF-8, with or without a byte order mark; it is read twice from where it stands.</param>
    /// <param name="name">The file as the user named it.</param>
    /// <param name="limits">The most numbers that are read.</param>
    /// <exception cref="InputFileException">A field is empty or no number, a row is ragged, or there is no row of numbers.</exception>
    public static NumericArray Read(Stream stream, string name, ReadLimits limits)
    {
        var options = new CsvReaderOptions
        {
            Separator = FindSeparator(stream, name),
            HasHeader = false,
            CommentPrefix = '#',
            TrimWhitespace = true,
            TrimInsideQuotes = true,
            AllowLineBreaksInQuotes = false,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LongestLine,
            TrackLineNumbers = true,
        };
        using CsvHelper.CsvReader rows = CsvHelper.CsvReader.Create(stream, options, leaveOpen: true);
        try
        {
            return Read(rows, name, limits);
        }
        catch (CsvFormatException exception)
        {
            throw new InputFileException(name, $"row {exception.LineNumber} has a quote out of place or is too long; numbers need no quotes");
        }
    }

    private static NumericArray Read(CsvHelper.CsvReader rows, string name, ReadLimits limits)
    {
        var values = new NumberList(Math.Min(limits.MaxElements, Array.MaxLength));
        var rowLines = new List<int>();
        int columns = 0;
        int headerColumns = 0;
        var fields = new List<int>();
        while (rows.Read())
        {
            TakeFields(rows, fields);
            if (fields.Count == 0)
                continue;
            int row = (int)rows.LineNumber;

            // A header is a first row without a single number: a row with some numbers is data with a mistake in it.
            if (columns == 0 && headerColumns == 0 && !fields.Exists(field => TryParseNumber(rows.GetSpan(field), out _)))
            {
                headerColumns = fields.Count;
                continue;
            }

            AddRow(rows, fields, row, values, name);
            rowLines.Add(row);
            columns = columns == 0 ? fields.Count : columns;
            if (fields.Count != columns)
                throw new InputFileException(name, $"row {row} has {fields.Count} numbers, but the rows before it have {columns}");
        }

        if (columns == 0)
            throw new InputFileException(name, "holds no row of numbers");

        // Blanks within the names of a header say nothing about its columns, so one column of data may have any header.
        if (headerColumns > 0 && columns > 1 && headerColumns != columns)
            throw new InputFileException(name, $"the header has {headerColumns} names but the rows have {columns} numbers");
        return new NumericArray(name, values.ToArray(), [rowLines.Count, columns], "text", [.. rowLines]);
    }

    /// <summary>The fields of a row by index: all, or where blanks separate, those that are not the gap between two blanks; none of a line of blanks.</summary>
    private static void TakeFields(CsvHelper.CsvReader rows, List<int> fields)
    {
        fields.Clear();
        for (int k = 0; k < rows.FieldCount; k++)
        {
            if ((rows.Separator != Blank && rows.FieldCount > 1) || !rows.IsEmpty(k))
                fields.Add(k);
        }
    }

    private static void AddRow(CsvHelper.CsvReader rows, List<int> fields, int row, NumberList values, string name)
    {
        for (int k = 0; k < fields.Count; k++)
        {
            ReadOnlySpan<byte> field = rows.GetSpan(fields[k]);
            if (field.IsEmpty)
                throw new InputFileException(name, $"row {row}, column {k + 1} is empty; a number is needed, or nan where there is none");
            if (!TryParseNumber(field, out double value))
                throw new InputFileException(name, $"row {row}, column {k + 1} is {InputFileException.Quote(field)}; a number such as 0.25 or 1e-3 is needed");
            if (!values.TryAdd(value))
                throw new InputFileException(name, $"row {row} goes beyond the {values.Limit} numbers that are read at most");
        }
    }

    /// <summary>The separator of the first line that holds numbers; blanks where none of the others occurs.</summary>
    private static char FindSeparator(Stream stream, string name)
    {
        long start = stream.Position;
        Span<byte> mark = stackalloc byte[2];
        if (stream.ReadAtLeast(mark, 2, throwOnEndOfStream: false) == 2 && mark is [0xFF, 0xFE] or [0xFE, 0xFF])
            throw new InputFileException(name, "is UTF-16 text; save it as UTF-8");
        stream.Position = start;

        using var text = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        char found = Blank;
        int row = 1;
        bool isQuoted = false;
        bool isComment = false;
        bool isSeen = false;
        bool atStart = true;
        for (int next = text.Read(); next >= 0; next = text.Read())
        {
            char character = (char)next;
            if (character == '\n')
            {
                // A header in words has no separators between numbers to look at; one with separators is as good as a row.
                if (isSeen && found != Blank)
                    break;
                (row, isQuoted, isComment, isSeen, atStart) = (row + 1, false, false, false, true);
                continue;
            }

            isComment |= atStart && character == '#';
            atStart = false;
            if (isComment)
                continue;
            isSeen |= !char.IsWhiteSpace(character);
            isQuoted ^= character == '"';
            if (isQuoted || character is not (',' or ';' or '\t') || character == found || (character == '\t' && !isSeen))
                continue;
            if (found != Blank && character != '\t')
            {
                throw new InputFileException(
                    name,
                    $"row {row} has more than one of comma, semicolon and tab, so its fields are not clear; use commas between fields and decimal points");
            }

            found = found == Blank ? character : found;
        }

        stream.Position = start;
        return found;
    }

    /// <summary>
    /// A decimal number with a point, or <c>nan</c>, <c>inf</c>, <c>infinity</c> in any case with an optional sign; rounded to the
    /// nearest double. A finite number beyond the largest double is none.
    /// </summary>
    private static bool TryParseNumber(ReadOnlySpan<byte> field, out double value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!field.IsEmpty && field[^1] is (>= (byte)'0' and <= (byte)'9') or (byte)'.')
            return double.TryParse(field, Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

        bool isNegative = field.StartsWith("-"u8);
        ReadOnlySpan<byte> word = isNegative || field.StartsWith("+"u8) ? field[1..] : field;
        value = double.NaN;
        if (Ascii.EqualsIgnoreCase(word, "nan"u8))
            return true;

        value = isNegative ? double.NegativeInfinity : double.PositiveInfinity;
        return Ascii.EqualsIgnoreCase(word, "inf"u8) || Ascii.EqualsIgnoreCase(word, "infinity"u8);
    }
}

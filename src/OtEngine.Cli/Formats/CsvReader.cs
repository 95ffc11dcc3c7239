namespace OtEngine.Cli.Formats;

/// <summary>
/// Reads tables of numbers from text: comma, semicolon, tab or blanks between fields, a decimal point, an optional first row of
/// names, lines from <c>#</c> on skipped. Every row has as many fields, none of them empty. The result is always rows x columns.
/// Rows are counted as an editor counts lines, header and comments included, so that a message leads to the place.
/// </summary>
internal static class CsvReader
{
    /// <summary>Reads a table.</summary>
    /// <param name="stream">The text in UTF-8, with or without a byte order mark.</param>
    /// <param name="name">The file as the user named it.</param>
    /// <param name="limits">The most numbers that are read.</param>
    /// <exception cref="InputFileException">A field is empty or no number, a row is ragged, or there is no row of numbers.</exception>
    public static NumericArray Read(Stream stream, string name, ReadLimits limits)
    {
        var lines = new Utf8LineReader(stream, name);
        var values = new NumberList(Math.Min(limits.MaxElements, Array.MaxLength));
        var rowLines = new List<int>();
        byte separator = 0;
        int columns = 0;
        int headerColumns = 0;
        int emptyRow = 0;

        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.LineNumber == 1)
                line = SkipByteOrderMark(line, name);
            if (line.StartsWith("#"u8))
                continue;
            if (line.Trim(" \t"u8).IsEmpty)
            {
                emptyRow = emptyRow == 0 ? lines.LineNumber : emptyRow;
                continue;
            }

            bool isFirst = columns == 0 && headerColumns == 0;
            if (isFirst && IsHeader(line, out headerColumns))
                continue;

            if (emptyRow > 0 && columns > 0)
                throw new InputFileException(name, $"row {emptyRow} is empty; every row needs {columns} numbers");

            emptyRow = 0;
            rowLines.Add(lines.LineNumber);
            if (columns == 0)
            {
                separator = FindSeparator(line, lines.LineNumber, name);
                columns = ParseRow(line, separator, int.MaxValue, values, lines.LineNumber, name);
                CheckHeader(headerColumns, columns, name);
            }
            else
            {
                ParseRow(line, separator, columns, values, lines.LineNumber, name);
            }
        }

        if (columns == 0)
            throw new InputFileException(name, "holds no row of numbers");

        double[] all = values.ToArray();
        return new NumericArray(name, all, [rowLines.Count, columns], "text", [.. rowLines]);
    }

    private static ReadOnlySpan<byte> SkipByteOrderMark(ReadOnlySpan<byte> line, string name)
    {
        if (line.StartsWith<byte>([0xFF, 0xFE]) || line.StartsWith<byte>([0xFE, 0xFF]))
            throw new InputFileException(name, "is UTF-16 text; save it as UTF-8");

        return line.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? line[3..] : line;
    }

    // A header is a first row without a single number: a row with some numbers is data with a mistake in it.
    private static bool IsHeader(ReadOnlySpan<byte> line, out int fields)
    {
        byte separator = CsvLayout.FindSeparator(line);
        fields = 0;
        bool isLast = false;
        while (!isLast)
        {
            ReadOnlySpan<byte> field = CsvLayout.TakeField(ref line, separator == 0 ? (byte)',' : separator, out isLast);
            if (CsvLayout.TryParseNumber(field, out _))
            {
                fields = 0;
                return false;
            }

            fields++;
        }

        return true;
    }

    private static byte FindSeparator(ReadOnlySpan<byte> line, int row, string name)
    {
        byte separator = CsvLayout.FindSeparator(line);
        return separator != 0 ? separator : throw new InputFileException(
            name,
            $"row {row} has more than one of comma, semicolon and tab, so its fields are not clear; use commas between fields and decimal points");
    }

    private static void CheckHeader(int headerColumns, int columns, string name)
    {
        // Blanks within the names of a header say nothing about its columns, so one column of data may have any header.
        if (headerColumns > 0 && columns > 1 && headerColumns != columns)
            throw new InputFileException(name, $"the header has {headerColumns} names but the rows have {columns} numbers");
    }

    private static int ParseRow(ReadOnlySpan<byte> line, byte separator, int columns, NumberList values, int row, string name)
    {
        int column = 0;
        bool isLast = false;
        ReadOnlySpan<byte> rest = line.Trim(separator == (byte)'\t' ? " "u8 : " \t"u8);
        while (!isLast)
        {
            ReadOnlySpan<byte> field = CsvLayout.TakeField(ref rest, separator, out isLast);
            column++;
            if (!CsvLayout.TryParseNumber(field, out double value))
                throw NotANumber(field, row, column, name);
            if (column <= columns && !values.TryAdd(value))
                throw new InputFileException(name, $"row {row} goes beyond the {values.Limit} numbers that are read at most");
        }

        if (columns != int.MaxValue && column != columns)
            throw new InputFileException(name, $"row {row} has {column} numbers, but the rows before it have {columns}");

        return column;
    }

    private static InputFileException NotANumber(ReadOnlySpan<byte> field, int row, int column, string name) => new(
        name,
        field.IsEmpty
            ? $"row {row}, column {column} is empty; a number is needed, or nan where there is none"
            : $"row {row}, column {column} is {InputFileException.Quote(field)}; a number such as 0.25 or 1e-3 is needed");
}

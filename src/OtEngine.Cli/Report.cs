using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace OtEngine.Cli;

/// <summary>What a command found: named values, shown as a table to a person or as one JSON object to a program.</summary>
internal sealed class Report
{
    private readonly List<Row> _rows = [];
    private readonly List<ReportTable> _tables = [];
    private string _title = "";

    private sealed record Row(string? Key, string? Label, object? Value, string Shown);

    /// <summary>The line above the table.</summary>
    public void Title(string title) => _title = title;

    /// <summary>The headline number: <c>value</c> in JSON, the only thing that <c>--quiet</c> prints.</summary>
    public void Headline(double value) => Add("value", null, value, Round(value));

    /// <summary>A number; NaN and infinities become null in JSON.</summary>
    /// <param name="key">The JSON key.</param>
    /// <param name="label">The name in the table; null keeps it out of the table.</param>
    /// <param name="value">The number.</param>
    /// <param name="unit">What follows the number in the table.</param>
    public void Number(string key, string? label, double value, string unit = "") => Add(key, label, value, Round(value) + unit);

    /// <summary>The time of a solve, the median where there were several.</summary>
    public void SolveTime(double milliseconds) =>
        Add("solve_milliseconds", "solved in", milliseconds, string.Create(CultureInfo.InvariantCulture, $"{milliseconds:N1} ms"));

    /// <summary>A count.</summary>
    public void Count(string key, string? label, long value) =>
        Add(key, label, value, value.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>A text; null in JSON where there is none.</summary>
    public void Text(string key, string? label, string? value) => Add(key, label, value, value ?? "-");

    /// <summary>Several texts: an array in JSON.</summary>
    public void List(string key, string? label, IReadOnlyList<string> values) => Add(key, label, values, string.Join(", ", values));

    /// <summary>A table: an array of objects in JSON, below the named values for a person.</summary>
    public void Table(ReportTable table) => _tables.Add(table);

    /// <summary>True where a key was reported.</summary>
    public bool Has(string key) => _rows.Exists(row => row.Key == key);

    /// <summary>Writes the report as one JSON object on one line.</summary>
    public void WriteJson(TextWriter output)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            foreach (Row row in _rows.Where(row => row.Key is not null))
            {
                json.WritePropertyName(row.Key!);
                WriteValue(json, row.Value);
            }

            foreach (ReportTable table in _tables)
            {
                json.WriteStartArray(table.Key);
                foreach (IReadOnlyList<(object? Value, string Shown)> line in table.Rows)
                {
                    json.WriteStartObject();
                    for (int column = 0; column < line.Count; column++)
                    {
                        json.WritePropertyName(table.Columns[column].Key);
                        WriteValue(json, line[column].Value);
                    }

                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>Writes the report as a table.</summary>
    public void WriteTable(Terminal terminal)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(terminal.IsOutInteractive ? terminal.Out : text),
            Ansi = terminal.IsOutInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal.IsOutInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        if (!terminal.IsOutInteractive)
            console.Profile.Width = Terminal.RedirectedWidth;
        Grid grid = new();
        grid.AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(3)).AddColumn();
        foreach (Row row in _rows.Where(row => row.Label is not null))
            grid.AddRow(new Text(row.Label!, new Style(decoration: Decoration.Dim)), new Text(row.Shown));
        console.Write(new Text(_title + Environment.NewLine, new Style(decoration: Decoration.Bold)));
        console.Write(grid);
        foreach (ReportTable table in _tables)
            console.Write(Shown(table));
        if (terminal.IsOutInteractive)
            return;

        // Spectre pads every line to the width of the table; in a file that is noise.
        foreach (string line in text.ToString().TrimEnd().Split('\n'))
            terminal.Out.WriteLine(line.TrimEnd());
    }

    /// <summary>Writes the headline number alone, with all its digits.</summary>
    public void WriteHeadline(TextWriter output)
    {
        if (_rows.Find(row => row.Key == "value") is { Value: double value })
            output.WriteLine(value.ToString("R", CultureInfo.InvariantCulture));
    }

    private static Grid Shown(ReportTable table)
    {
        Grid grid = new();
        int[] shown = [.. Enumerable.Range(0, table.Columns.Count).Where(column => table.Columns[column].Heading is not null)];
        foreach (int column in shown)
            grid.AddColumn(new GridColumn { Alignment = column == 0 ? Justify.Left : Justify.Right }.PadLeft(column == 0 ? 2 : 0).PadRight(2));
        grid.AddEmptyRow();
        grid.AddRow([.. shown.Select(column => new Text(table.Columns[column].Heading!, new Style(decoration: Decoration.Dim)))]);
        foreach (IReadOnlyList<(object? Value, string Shown)> line in table.Rows)
            grid.AddRow([.. shown.Select(column => new Text(line[column].Shown))]);
        return grid;
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case long count:
                json.WriteNumberValue(count);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case IReadOnlyList<string> texts:
                json.WriteStartArray();
                foreach (string text in texts)
                    json.WriteStringValue(text);
                json.WriteEndArray();
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    private static string Round(double value) =>
        double.IsNaN(value) ? "-" : value.ToString("G10", CultureInfo.InvariantCulture);

    private void Add(string? key, string? label, object? value, string shown) => _rows.Add(new Row(key, label, value, shown));
}

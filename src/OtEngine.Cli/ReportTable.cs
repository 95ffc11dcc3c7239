namespace OtEngine.Cli;

/// <summary>A table of a report.</summary>
/// <param name="Key">The JSON key of its array of objects.</param>
/// <param name="Columns">The keys of an object, and the headings for a person; null keeps a column out of what a person sees.</param>
/// <param name="Rows">A value a column, and how a person sees it.</param>
internal sealed record ReportTable(
    string Key, IReadOnlyList<(string Key, string? Heading)> Columns, IReadOnlyList<IReadOnlyList<(object? Value, string Shown)>> Rows);

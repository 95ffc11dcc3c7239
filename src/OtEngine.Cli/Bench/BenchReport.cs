using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace OtEngine.Cli.Bench;

/// <summary>What a run of the suite found, for a terminal, for a program and as Markdown.</summary>
/// <param name="Timings">The rows timed.</param>
/// <param name="Limits">The limits measured in the same run.</param>
/// <param name="Owner">Whose limits they are.</param>
internal sealed record BenchReport(IReadOnlyList<BenchTiming> Timings, IReadOnlyList<(string Name, double Rate, string Unit)> Limits, string Owner)
{
    private const double Giga = 1e9;

    /// <summary>The timings for a report.</summary>
    public ReportTable Rows() => new(
        "rows",
        [
            ("name", "work"), ("dtype", "type"), ("unit", null), ("seconds", "time"), ("per_second", "rate"), ("gigabytes_per_second", "GB/s"),
            ("gigaexp_per_second", "Gexp/s"), ("share_of_limit", "share"), ("limit", null), ("samples", null),
        ],
        [.. Timings.Select(Cells)]);

    /// <summary>The limits for a report.</summary>
    public ReportTable LimitRows() => new(
        "limits",
        [("name", Owner), ("per_second", "rate"), ("unit", null)],
        [.. Limits.Select(limit => ((object? Value, string Shown)[])[(limit.Name, limit.Name), (limit.Rate, Rate(limit.Rate, limit.Unit)), (limit.Unit, limit.Unit)])]);

    /// <summary>The file: what was measured where, how to measure it again, and both tables.</summary>
    /// <param name="suite">quick or full.</param>
    /// <param name="isComplete">Whether every row was timed.</param>
    /// <param name="about">What the rows are.</param>
    public string Markdown(string suite, bool isComplete, string about)
    {
        StringBuilder text = new();
        text.Append("# Timings of OtEngine\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Made by `ot bench --suite {suite}`, version {typeof(BenchReport).Assembly.GetName().Version?.ToString(3)}{(isComplete ? "" : "; stopped before its end")}.\n");
        text.Append(CultureInfo.InvariantCulture, $"{Processor()}, {Environment.ProcessorCount} processors, vectors of {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)} bits; ");
        text.Append(CultureInfo.InvariantCulture, $"{RuntimeInformation.OSArchitecture}; {RuntimeInformation.FrameworkDescription}.\n\n");
        text.Append(about).Append('\n');
        text.Append("| work | type | time | rate | GB/s | Gexp/s | share of the limit | samples |\n|---|---|---|---|---|---|---|---|\n");
        foreach (BenchTiming timing in Timings)
        {
            (object? Value, string Shown)[] cells = Cells(timing);
            string share = double.IsNaN(timing.Share) ? "-" : $"{cells[7].Shown} of {timing.Limit}";
            text.Append(CultureInfo.InvariantCulture, $"| {cells[0].Shown} | {cells[1].Shown} | {cells[3].Shown} | {Rounded(1 / timing.Seconds)} {timing.Row.Unit}s/s | {cells[5].Shown} | {cells[6].Shown} | {share} | {timing.Samples} |\n");
        }

        return text.Append('\n').Append(LimitsMarkdown()).ToString();
    }

    /// <summary>The limits as a table in Markdown.</summary>
    public string LimitsMarkdown()
    {
        StringBuilder text = new($"| {Owner} | rate |\n|---|---|\n");
        foreach ((string name, double rate, string unit) in Limits)
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {Rate(rate, unit)} |\n");
        return text.ToString();
    }

    private static (object? Value, string Shown)[] Cells(BenchTiming timing)
    {
        double bytes = timing.Work.Bytes > 0 ? timing.Work.Bytes / timing.Seconds / Giga : double.NaN;
        double exponentials = timing.Work.Exponentials > 0 ? timing.Work.Exponentials / timing.Seconds / Giga : double.NaN;
        double rate = 1 / timing.Seconds;
        return
        [
            (timing.Row.Name, timing.Row.Name),
            (timing.Row.Dtype, timing.Row.Dtype),
            (timing.Row.Unit, timing.Row.Unit),
            (timing.Seconds, Time(timing.Seconds)),
            (rate, $"{Rounded(rate)}/s"),
            (bytes, Digits(bytes)),
            (exponentials, Digits(exponentials)),
            (timing.Share, double.IsNaN(timing.Share) ? "-" : $"{Digits(100 * timing.Share)} %"),
            (timing.Limit, timing.Limit),
            ((long)timing.Samples, timing.Samples.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    private static string Time(double seconds) => double.IsNaN(seconds) ? "-"
        : seconds >= 1 ? $"{Digits(seconds)} s" : seconds >= 1e-3 ? $"{Digits(1e3 * seconds)} ms" : $"{Digits(1e6 * seconds)} us";

    private static string Rounded(double rate) =>
        rate >= 1e6 ? $"{Digits(rate / 1e6)} M" : rate >= 1e3 ? $"{Digits(rate / 1e3)} k" : Digits(rate);

    private static string Rate(double rate, string unit) => $"{Digits(rate / Giga)} G{unit}";

    /// <summary>Three digits; - for what is no number.</summary>
    public static string Digits(double value) => double.IsNaN(value) ? "-"
        : value >= 100 ? value.ToString("F0", CultureInfo.InvariantCulture)
        : value.ToString("G3", CultureInfo.InvariantCulture);

    private static string Processor()
    {
        const string Key = "model name";
        const string File = "/proc/cpuinfo";
        string? line = System.IO.File.Exists(File) ? System.IO.File.ReadLines(File).FirstOrDefault(text => text.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
    }
}

using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Text;
using OtEngine.Backends;
using OtEngine.Cli.Bench;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Verify;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot verify</c>: every verb of a device against a reference in double, and how fast it is.</summary>
internal sealed class VerifyCommand : EngineCommand
{
    private const double AllowedFloat = 1e-4;
    private const double AllowedDouble = 1e-10;
    private const double SecondsOfARow = 0.3;
    private const int CoreSize = 512;
    private const int DeviceSize = 4096;
    private const int MostSize = 16384;
    private const string Stopped = "; stopped before its end";

    // Around the width of a warp and of a block, a single atom, and rows longer than those that a device keeps in registers.
    private static readonly (string Kind, int Rows, int Columns)[] Shapes =
    [
        ("dense", 1, 1), ("dense", 1, 9), ("dense", 9, 1), ("dense", 31, 33), ("dense", 32, 32), ("dense", 33, 31), ("dense", 64, 64), ("dense", 255, 257),
        ("dense", 257, 129), ("dense", 300, 521), ("dense", 7, 1025), ("dense", 5, 4201),
        ("points", 1, 1), ("points", 8, 7), ("points", 32, 65), ("points", 257, 311), ("wide", 259, 261), ("euclidean", 257, 256), ("cityblock", 40, 31), ("cityblock", 9, 1030),
        ("grid", 9, 9), ("grid", 256, 256),
    ];

    /// <summary>Whose potentials lie far apart: within one block, beyond one, and between points.</summary>
    private static readonly (string Kind, int Rows, int Columns)[] FarShapes = [("dense", 37, 23), ("dense", 300, 521), ("points", 257, 311)];

    private const double Far = 900;

    private static readonly (string Key, string? Heading)[] Columns =
    [
        ("verb", "verb"), ("dtype", "type"), ("error", "error"), ("allowed", "allowed"), ("residual", null), ("verdict", "verdict"), ("seconds", null),
        ("gigabytes_per_second", null), ("gigaexp_per_second", null), ("rate", "rate"), ("share_of_limit", "share"), ("limit", null),
    ];

    private readonly Option<long?> _size = OptionKinds.Integer(
        "--size", $"Atoms a side of the problem that verbs are timed on; 0 times nothing. Default: {DeviceSize} on a device, {CoreSize} on the CPU.", 0, MostSize);

    private readonly Option<string?> _out = OptionKinds.File("--out", "Write the tables to a Markdown file, .md.");

    public VerifyCommand(CommonOptions common, Terminal terminal)
        : base("verify", "Check every verb of a device against a reference in double precision; --dtype checks that element type alone.", "ot verify --device cuda", common, terminal)
    {
        Options.Add(_size);
        Options.Add(_out);
    }

    private sealed record Row(string Verb, string Dtype, VerbError Error, double Allowed, BenchTiming? Timing)
    {
        public bool IsRight => Error.Relative <= Allowed && Error.Residual < VerbError.MostResidual;
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        Outputs.Prepare(arguments, _out, ".md");
        Findings findings = new();
        return session.Answer("verify", report => Verify(arguments, session, report, findings), report => Describe(arguments, session, report, findings));
    }

    /// <summary>What is checked so far; others may read it while rows are being checked.</summary>
    private sealed class Findings
    {
        public ConcurrentQueue<Row> Rows { get; } = [];

        /// <summary>Null until they are measured.</summary>
        public BenchLimits? Limits { get; set; }

        /// <summary>Whether every verb was checked.</summary>
        public bool IsComplete { get; set; }
    }

    private SolveStatus Verify(ParseResult arguments, Session session, Report report, Findings findings)
    {
        BenchLimits limits = BenchLimits.Of(session.Engine);
        int size = Size(arguments, session);
        try
        {
            session.Progress.Begin(2, 0);
            if (size > 0)
                limits.Measure(session.Token);
            findings.Limits = limits;
            if (!session.IsDtypeGiven || session.IsFloat32)
                AddRows<float>(findings.Rows, "float32", AllowedFloat, size, limits, session);
            session.Progress.Advance(1);
            if (!session.IsDtypeGiven || !session.IsFloat32)
                AddRows<double>(findings.Rows, "float64", AllowedDouble, size, limits, session);
            session.Progress.Advance(1);
            findings.IsComplete = true;
            return findings.Rows.All(row => row.IsRight) ? SolveStatus.Converged : SolveStatus.NumericalFailure;
        }
        finally
        {
            Describe(arguments, session, report, findings);
        }
    }

    private int Size(ParseResult arguments, Session session) => (int)(arguments.GetValue(_size) ?? (session.Engine.DeviceName is null ? CoreSize : DeviceSize));

    /// <summary>Fills a report with the rows that are finished; of some of them there is no verdict on the whole.</summary>
    private void Describe(ParseResult arguments, Session session, Report report, Findings findings)
    {
        Row[] rows = [.. findings.Rows];
        bool isComplete = findings.IsComplete;
        int size = Size(arguments, session);
        int failures = rows.Count(row => !row.IsRight);
        report.Title($"ot verify, {session.Engine.DeviceName ?? "one core of the CPU"}{(isComplete ? "" : Stopped)}");
        report.Headline(isComplete ? failures : double.NaN);
        report.Count("rows_checked", "rows checked", rows.Length);
        report.Count("failures", "rows that fail", failures);
        if (!session.IsDtypeGiven)
            report.List("dtype", null, ["float32", "float64"]);
        report.Text("sizes", "problems, all in one table", string.Join(", ", Shapes.Select(shape => $"{shape.Kind} {shape.Rows}x{shape.Columns}")));
        report.Text("timed", "rates are of", size == 0 ? "nothing" : $"{size}x{size}");
        BenchReport measured = new([], [.. size > 0 && findings.Limits is { } limits ? limits.All() : []], findings.Limits?.Owner ?? "limit");
        report.Table(new ReportTable("rows", Columns, [.. rows.Select(Cells)]));
        report.Table(measured.LimitRows());
        if (arguments.GetValue(_out) is { } path)
        {
            OutputFile.WriteText(path, Markdown(rows, size, measured, isComplete));
            report.Text("out", "tables", path);
        }
    }

    private static void AddRows<T>(ConcurrentQueue<Row> rows, string dtype, double allowed, int size, BenchLimits limits, Session session)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        VerifyProblem<T>[] problems = [.. Shapes.Select((shape, k) => new VerifyProblem<T>(shape.Kind, shape.Rows, shape.Columns, session.Seed + k))];
        VerifyProblem<T>[] far = [.. FarShapes.Select((shape, k) => new VerifyProblem<T>(shape.Kind, shape.Rows, shape.Columns, session.Seed + 100 + k, Far))];
        using VerbChecks<T> checks = new(problems, far, session.Seed, session.Engine.Begin(problems.Length, null, session.Token));

        // The limits of the CPU are those of a core.
        Execution timed = session.Engine.Begin(1, null, session.Token).OnOneThread();
        using VerbTimings<T>? timings = size > 0 ? new(size, session.Seed, timed) : null;
        BenchRunner runner = new(limits, SecondsOfARow);
        foreach ((string verb, Func<VerbError> check) in checks.All)
        {
            session.Token.ThrowIfCancellationRequested();
            VerbError error = check();
            BenchTiming? timing = timings is null || !VerbTimings<T>.Verbs.Contains(verb) ? null : runner.Time(new BenchRow(verb, dtype, "call", () => timings.Task(verb)), session.Token);
            rows.Enqueue(new Row(verb, dtype, error, allowed, timing));
        }
    }

    /// <summary>What was checked, how to check it again, and both tables.</summary>
    private static string Markdown(IReadOnlyList<Row> rows, int size, BenchReport measured, bool isComplete)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Conformance of OtEngine\n\nMade by `ot verify`{(isComplete ? "" : Stopped)}: every verb against a reference in double, on one ragged table of {Shapes.Length} problems or a batch of its own. ");
        text.Append(CultureInfo.InvariantCulture, $"An error is relative to the largest number of a result; a residual is in units of what rounding must cost, {VerbError.MostResidual} at most. ");
        text.Append(size == 0 ? "Nothing was timed.\n\n" : string.Create(CultureInfo.InvariantCulture, $"Rates are of {size} x {size} costs, and shares of the limits below.\n\n"));
        text.Append("| verb | type | error | allowed | residual | verdict | rate | share of the limit |\n|---|---|---|---|---|---|---|---|\n");
        foreach (Row row in rows)
        {
            Dictionary<string, string> cells = Columns.Zip(Cells(row), (column, cell) => (column.Key, cell.Shown)).ToDictionary(cell => cell.Key, cell => cell.Shown, StringComparer.Ordinal);
            string share = cells["share_of_limit"] is "-" ? "-" : $"{cells["share_of_limit"]} of {row.Timing!.Limit}";
            text.Append(CultureInfo.InvariantCulture, $"| {row.Verb} | {row.Dtype} | {cells["error"]} | {cells["allowed"]} | {row.Error.Residual:G3} | {cells["verdict"]} | {cells["rate"]} | {share} |\n");
        }

        return text.Append(measured.Limits.Count > 0 ? $"\n{measured.LimitsMarkdown()}" : "").ToString();
    }

    private static (object? Value, string Shown)[] Cells(Row row)
    {
        double seconds = row.Timing?.Seconds ?? double.NaN;
        double bytes = Rate(row.Timing?.Work.Bytes), exponentials = Rate(row.Timing?.Work.Exponentials), share = row.Timing?.Share ?? double.NaN;
        string verdict = row.IsRight ? "pass" : row.Error.Relative <= row.Allowed ? "FAIL: residual" : "FAIL";
        string rate = row.Timing?.Limit == "exp2" ? $"{BenchReport.Digits(exponentials)} Gexp/s"
            : row.Timing?.Limit == "multiply-add" ? $"{BenchReport.Digits(Rate(row.Timing.Work.MultiplyAdds))} GFMA/s" : double.IsNaN(bytes) ? "-" : $"{BenchReport.Digits(bytes)} GB/s";
        return
        [
            (row.Verb, row.Verb), (row.Dtype, row.Dtype), (row.Error.Relative, row.Error.Relative.ToString("0.0e-0", CultureInfo.InvariantCulture)),
            (row.Allowed, row.Allowed.ToString("0e-0", CultureInfo.InvariantCulture)), (row.Error.Residual, ""), (verdict, verdict), (seconds, ""), (bytes, ""), (exponentials, ""),
            (rate, rate), (share, double.IsNaN(share) ? "-" : $"{BenchReport.Digits(100 * share)} %"), (row.Timing?.Limit, ""),
        ];

        double Rate(double? amount) => amount is > 0 ? amount.Value / seconds / 1e9 : double.NaN;
    }
}

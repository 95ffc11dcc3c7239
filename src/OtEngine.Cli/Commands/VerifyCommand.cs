using System.CommandLine;
using System.Globalization;
using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cli.Bench;
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

    private static readonly (string Kind, int Rows, int Columns)[] Shapes =
    [
        ("dense", 1, 1), ("dense", 1, 9), ("dense", 9, 1), ("dense", 31, 33), ("dense", 64, 64), ("dense", 257, 129), ("dense", 300, 521),
        ("points", 1, 1), ("points", 8, 7), ("points", 32, 65), ("points", 257, 311),
        ("grid", 9, 9), ("grid", 256, 256),
    ];

    private readonly Option<long?> _size = OptionKinds.Integer(
        "--size", $"Atoms a side of the problem that verbs are timed on; 0 times nothing. Default: {DeviceSize} on a device, {CoreSize} on the CPU.", 0, MostSize);

    public VerifyCommand(CommonOptions common, Terminal terminal)
        : base("verify", "Check every verb of a device against a reference in double precision; --dtype checks that element type alone.", "ot verify --device cuda", common, terminal) =>
        Options.Add(_size);

    private sealed record Row(string Verb, string Dtype, VerbError Error, double Allowed, BenchTiming? Timing)
    {
        public bool IsRight => Error.Relative <= Allowed && Error.Residual < VerbError.MostResidual;
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session) => session.Answer("verify", report => Verify(arguments, session, report));

    private SolveStatus Verify(ParseResult arguments, Session session, Report report)
    {
        BenchLimits limits = BenchLimits.Of(session.Engine);
        int size = (int)(arguments.GetValue(_size) ?? (session.Engine.DeviceName is null ? CoreSize : DeviceSize));
        report.Title($"ot verify, {session.Engine.DeviceName ?? "one core of the CPU"}");
        List<Row> rows = [];
        try
        {
            session.Progress.Begin(2, 0);
            if (size > 0)
                limits.Measure();
            if (!session.IsDtypeGiven || session.IsFloat32)
                AddRows<float>(rows, "float32", AllowedFloat, size, limits, session);
            session.Progress.Advance(1);
            if (!session.IsDtypeGiven || !session.IsFloat32)
                AddRows<double>(rows, "float64", AllowedDouble, size, limits, session);
            session.Progress.Advance(1);
            return rows.TrueForAll(row => row.IsRight) ? SolveStatus.Converged : SolveStatus.NumericalFailure;
        }
        finally
        {
            int failures = rows.Count(row => !row.IsRight);
            report.Headline(failures);
            report.Count("failures", "rows that fail", failures);
            if (!session.IsDtypeGiven)
                report.List("dtype", null, ["float32", "float64"]);
            report.Text("sizes", "problems, all in one table", string.Join(", ", Shapes.Select(shape => $"{shape.Kind} {shape.Rows}x{shape.Columns}")));
            report.Text("timed", "rates are of", size == 0 ? "nothing" : $"dense {size}x{size}");
            report.Table(new ReportTable(
                "rows",
                [
                    ("verb", "verb"), ("dtype", "type"), ("error", "error"), ("allowed", "allowed"), ("residual", null), ("verdict", "verdict"), ("seconds", null),
                    ("gigabytes_per_second", null), ("gigaexp_per_second", null), ("rate", "rate"), ("share_of_limit", "share"), ("limit", null),
                ],
                [.. rows.Select(Cells)]));
            report.Table(new BenchReport([], [.. size > 0 ? limits.All() : []], limits.Owner).LimitRows());
        }
    }

    private static void AddRows<T>(List<Row> rows, string dtype, double allowed, int size, BenchLimits limits, Session session)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        VerifyProblem<T>[] problems = [.. Shapes.Select((shape, k) => new VerifyProblem<T>(shape.Kind, shape.Rows, shape.Columns, session.Seed + k))];
        using VerbChecks<T> checks = new(problems, session.Engine.Begin(problems.Length, null, session.Token));

        // The limits of the CPU are those of a core.
        Execution timed = session.Engine.Begin(1, null, session.Token).OnOneThread();
        using VerbTimings<T>? timings = size > 0 ? new(size, session.Seed, timed) : null;
        BenchRunner runner = new(limits, SecondsOfARow);
        foreach ((string verb, Func<VerbError> check) in checks.All)
        {
            VerbError error = check();
            BenchTiming? timing = timings is null || !VerbTimings<T>.Verbs.Contains(verb) ? null : runner.Time(new BenchRow(verb, dtype, "call", () => timings.Task(verb)), session.Token);
            rows.Add(new Row(verb, dtype, error, allowed, timing));
        }
    }

    private static (object? Value, string Shown)[] Cells(Row row)
    {
        double seconds = row.Timing?.Seconds ?? double.NaN;
        double bytes = Rate(row.Timing?.Work.Bytes), exponentials = Rate(row.Timing?.Work.Exponentials), share = row.Timing?.Share ?? double.NaN;
        string verdict = row.IsRight ? "pass" : row.Error.Relative <= row.Allowed ? "FAIL: residual" : "FAIL";
        string rate = row.Timing?.Limit == "exp2" ? $"{BenchReport.Digits(exponentials)} Gexp/s" : double.IsNaN(bytes) ? "-" : $"{BenchReport.Digits(bytes)} GB/s";
        return
        [
            (row.Verb, row.Verb), (row.Dtype, row.Dtype), (row.Error.Relative, row.Error.Relative.ToString("0.0e-0", CultureInfo.InvariantCulture)),
            (row.Allowed, row.Allowed.ToString("0e-0", CultureInfo.InvariantCulture)), (row.Error.Residual, ""), (verdict, verdict), (seconds, ""), (bytes, ""), (exponentials, ""),
            (rate, rate), (share, double.IsNaN(share) ? "-" : $"{BenchReport.Digits(100 * share)} %"), (row.Timing?.Limit, ""),
        ];

        double Rate(double? amount) => amount is > 0 ? amount.Value / seconds / 1e9 : double.NaN;
    }
}

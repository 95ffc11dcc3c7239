using System.Collections.Concurrent;
using System.CommandLine;
using OtEngine.Cli.Bench;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Commands;

/// <summary><c>ot bench</c>: the engine's own timings on this machine.</summary>
internal sealed class BenchCommand : EngineCommand
{
    private const double QuickSeconds = 0.5;
    private const double FullSeconds = 4;

    private readonly Option<string> _suite = OptionKinds.Word(
        "--suite", "quick takes some 15 seconds, full two minutes.", "quick|full", "quick", text => text is "quick" or "full" ? (text, null) : (text, "quick or full is needed"));

    private readonly Option<long?> _scale = OptionKinds.Integer("--scale", "Divide the sizes on a CUDA device by this, for slow ones. Default: 1.", 1, 1024);
    private readonly Option<string?> _out = OptionKinds.File("--out", "Write the tables to a Markdown file, .md.");

    private readonly Option<string?> _inputs = OptionKinds.File("--inputs", "Write the inputs of rows on a CUDA device to an .npz, for a peer.");

    public BenchCommand(CommonOptions common, Terminal terminal)
        : base(
            "bench",
            "Time the engine beside the limits measured in the same run, of a CUDA device or of one core of the CPU; --dtype times that element type alone.",
            "ot bench --suite quick --out results.md",
            common,
            terminal)
    {
        Options.Add(_suite);
        Options.Add(_scale);
        Options.Add(_out);
        Options.Add(_inputs);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult arguments, Session session)
    {
        if (session.IsThreadsGiven && session.Threads > 1)
            throw new CommandException($"--threads is {session.Threads}, but bench times one thread, since its limits are those of one core; leave --threads out");
        Outputs.Prepare(arguments, _out, ".md");
        Outputs.Prepare(arguments, _inputs, ".npz");
        Findings findings = new();
        return session.Answer("bench", report => Time(arguments, session, report, findings), report => Describe(arguments, session, report, findings));
    }

    /// <summary>What is timed so far; others may read it while rows are being timed.</summary>
    private sealed class Findings
    {
        public ConcurrentQueue<BenchTiming> Timings { get; } = [];

        /// <summary>Null until they are measured.</summary>
        public BenchLimits? Limits { get; set; }

        /// <summary>What the rows are.</summary>
        public string About { get; set; } = "";

        /// <summary>Whether every row was timed.</summary>
        public bool IsComplete { get; set; }
    }

    private SolveStatus Time(ParseResult arguments, Session session, Report report, Findings findings)
    {
        bool isFull = arguments.GetValue(_suite) == "full";
        bool onDevice = session.Engine.DeviceName is not null;
        if (!onDevice && arguments.GetValue(_scale) is not null)
            throw new CommandException("--scale is given, but the sizes of the suite of the CPU are fixed; add --device cuda, or leave --scale out");
        using BenchSuite suite = onDevice
            ? new DeviceSuite(session.CreateEngine, isFull, (int)(arguments.GetValue(_scale) ?? 1), session.Seed)
            : new CoreSuite(isFull, session.Seed);
        BenchRow[] rows = [.. suite.Rows.Where(row => !session.IsDtypeGiven || row.Dtype == session.Dtype)];
        BenchLimits limits = BenchLimits.Of(session.Engine);
        findings.About = suite.About;
        try
        {
            session.Progress.Begin(rows.Length, 0);
            if (arguments.GetValue(_inputs) is { } inputs)
            {
                if (suite is not DeviceSuite batch)
                    throw new CommandException("--inputs is given, but the suite of the CPU has no peer; add --device cuda, or leave --inputs out");
                batch.SaveInputs(inputs);
                report.Text("inputs", "inputs", inputs);
            }

            limits.Measure(session.Token);
            findings.Limits = limits;
            BenchRunner runner = new(limits, isFull ? FullSeconds : QuickSeconds);
            foreach (BenchRow row in rows)
            {
                session.Progress.Report(new SolveProgress(0, rows.Length, 0));
                findings.Timings.Enqueue(runner.Time(row, session.Token));
                session.Progress.Advance(1);
            }

            findings.IsComplete = true;
            return SolveStatus.Converged;
        }
        finally
        {
            Describe(arguments, session, report, findings);
        }
    }

    private void Describe(ParseResult arguments, Session session, Report report, Findings findings)
    {
        string word = arguments.GetValue(_suite)!;
        BenchTiming[] timings = [.. findings.Timings];
        BenchReport found = new(timings, [.. findings.Limits?.All() ?? []], findings.Limits?.Owner ?? "limit");
        report.Title($"ot bench, suite {word}, {session.Engine.DeviceName ?? "one thread"}{(findings.IsComplete ? "" : "; stopped before its end")}");
        report.Headline(timings.Length);
        report.Count("rows_timed", "rows timed", timings.Length);
        if (!session.IsDtypeGiven)
            report.List("dtype", null, ["float32", "float64"]);
        report.Table(found.Rows());
        report.Table(found.LimitRows());
        if (arguments.GetValue(_out) is { } path)
        {
            OutputFile.WriteText(path, found.Markdown(word, findings.IsComplete, findings.About));
            report.Text("out", "tables", path);
        }
    }
}

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

    private readonly Option<string?> _inputs = OptionKinds.File("--inputs", "Write the inputs of the batch on a CUDA device (x, y, a, b) to an .npz, for a peer.");

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
        return session.Answer("bench", report => Time(arguments, session, report));
    }

    private SolveStatus Time(ParseResult arguments, Session session, Report report)
    {
        string word = arguments.GetValue(_suite)!;
        bool isFull = word == "full";
        bool onDevice = session.Engine.DeviceName is not null;
        using BenchSuite suite = onDevice
            ? new DeviceSuite(session.CreateEngine, isFull, (int)(arguments.GetValue(_scale) ?? 1), session.Seed)
            : new CoreSuite(isFull, session.Seed);
        BenchRow[] rows = [.. suite.Rows.Where(row => !session.IsDtypeGiven || row.Dtype == session.Dtype)];
        BenchLimits limits = BenchLimits.Of(session.Engine);
        List<BenchTiming> timings = [];
        report.Title($"ot bench, suite {word}, {session.Engine.DeviceName ?? "one thread"}");
        try
        {
            session.Progress.Begin(rows.Length, 0);
            if (arguments.GetValue(_inputs) is { } inputs)
            {
                if (suite is not DeviceSuite batch)
                    throw new CommandException("--inputs is given, but the suite of the CPU has no batch; add --device cuda, or leave --inputs out");
                batch.SaveBatch(inputs);
                report.Text("inputs", "inputs", inputs);
            }

            limits.Measure(session.Token);
            BenchRunner runner = new(limits, isFull ? FullSeconds : QuickSeconds);
            foreach (BenchRow row in rows)
            {
                session.Progress.Report(new SolveProgress(0, rows.Length, 0));
                timings.Add(runner.Time(row, session.Token));
                session.Progress.Advance(1);
            }

            return SolveStatus.Converged;
        }
        finally
        {
            BenchReport found = new(timings, [.. limits.All()], limits.Owner);
            report.Headline(timings.Count);
            report.Count("rows_timed", "rows timed", timings.Count);
            if (!session.IsDtypeGiven)
                report.List("dtype", null, ["float32", "float64"]);
            report.Table(found.Rows());
            report.Table(found.LimitRows());
            if (arguments.GetValue(_out) is { } path)
            {
                OutputFile.WriteText(path, found.Markdown(word, timings.Count == rows.Length, suite.About));
                report.Text("out", "tables", path);
            }
        }
    }
}

using System.CommandLine;
using System.Diagnostics;

namespace OtEngine.Cli;

/// <summary>One run of a command: its engine, its limits, and the way its report goes out.</summary>
internal sealed class Session : IDisposable
{
    private readonly Terminal _terminal;
    private readonly bool _json;
    private readonly bool _quiet;
    private readonly CancellationTokenSource _stop;
    private Engine? _engine;
    private string _method = "";
    private bool _isForDevice = true;

    /// <summary>Reads the common options.</summary>
    public Session(ParseResult arguments, CommonOptions common, Terminal terminal)
    {
        _terminal = terminal;
        _json = arguments.GetValue(common.Json);
        _quiet = arguments.GetValue(common.Quiet);
        Dtype = arguments.GetValue(common.Dtype)!;
        Seed = (int)(arguments.GetValue(common.Seed) ?? 0);
        Device = new DeviceChoice(arguments.GetValue(common.Device)!);
        IsDtypeGiven = arguments.GetResult(common.Dtype) is { Implicit: false };
        IsThreadsGiven = arguments.GetValue(common.Threads) is not null;
        Threads = (int)(arguments.GetValue(common.Threads) ?? Environment.ProcessorCount);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(terminal.Interrupted);
        if (arguments.GetValue(common.Timeout) is { } seconds)
            _stop.CancelAfter(TimeSpan.FromSeconds(seconds));
        Progress = new ProgressDisplay(terminal.IsErrorInteractive && !_quiet ? terminal.Error : null, TimeProvider.System);
    }

    /// <summary>The engine, made when it is first asked for, on the device that suits the method.</summary>
    /// <exception cref="CommandException">The device is not there, or not for this method.</exception>
    public Engine Engine => _engine ??= CreateEngine(options => options.Threads = Threads);

    /// <summary>The element type of the computation: float32 or float64.</summary>
    public string Dtype { get; }

    /// <summary>True where the computation is to run in float32.</summary>
    public bool IsFloat32 => Dtype == "float32";

    /// <summary>Where to compute.</summary>
    public DeviceChoice Device { get; }

    /// <summary>Threads the engine may use.</summary>
    public int Threads { get; }

    /// <summary>True where the element type was asked for, false where it is the default.</summary>
    public bool IsDtypeGiven { get; }

    /// <summary>True where the number of threads was asked for.</summary>
    public bool IsThreadsGiven { get; }

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; }

    /// <summary>Cancelled by the time limit and by Ctrl-C.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Hears of progress.</summary>
    public ProgressDisplay Progress { get; }

    /// <summary>Does the work and sends its report, also where the work was stopped.</summary>
    /// <param name="method">The method, for the report.</param>
    /// <param name="work">Fills the report and says how the solver ended.</param>
    /// <param name="partial">
    /// Fills another report with what is finished, while the work may still be running: for work that is told to stop and waits for a device. Null
    /// where nothing is finished before the end; the report then says no more than that.
    /// </param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">A CUDA device was asked for that is not there, or that the method does not run on.</exception>
    public int Answer(string method, Func<Report, SolveStatus> work, Action<Report>? partial = null)
    {
        _method = method;

        // A device is opened before anything is timed; whether exact transport has work for one is known once its input is read.
        if (method != SolverOptions.ExactWord || Device.IsCudaAsked)
            _ = Engine;
        _terminal.LastWords.Prepare(() =>
        {
            Report finished = new();
            partial?.Invoke(finished);
            End(finished, SolveStatus.Cancelled);
            Write(finished);
        });

        Report report = new();
        SolveStatus status;
        try
        {
            Token.ThrowIfCancellationRequested();
            status = work(report);
        }
        catch (OperationCanceledException) when (Token.IsCancellationRequested)
        {
            status = SolveStatus.Cancelled;
        }

        End(report, status);
        Send(report);
        return (int)(status == SolveStatus.Converged ? ExitCode.Answered
            : status == SolveStatus.Cancelled && _terminal.Interrupted.IsCancellationRequested ? ExitCode.Interrupted
            : ExitCode.NotConverged);
    }

    /// <summary>Another engine where the method runs, to be disposed.</summary>
    public Engine CreateEngine(Action<EngineOptions> configure) => Device.CreateEngine(_method, _isForDevice, configure);

    /// <summary>Opens what suits a problem, before it is timed: exact transport has work for a device only where there are many atoms.</summary>
    /// <param name="solver">How it is solved.</param>
    /// <param name="sources">Atoms of side a with mass.</param>
    /// <param name="sinks">Atoms of side b with mass.</param>
    public void OpenFor(TransportSolver solver, int sources, int sinks)
    {
        _isForDevice = solver is not Exact exact || exact.IsHybrid(sources, sinks);
        _ = Engine;
    }

    /// <summary>Writes a report the way it was asked for.</summary>
    public void Send(Report report) => _terminal.LastWords.Say(() => Write(report));

    /// <summary>What every report ends with.</summary>
    private void End(Report report, SolveStatus status)
    {
        if (!report.Has("value"))
            report.Headline(double.NaN);
        report.Text("status", "status", Name(status));
        report.Text("method", null, _method);
        if (!report.Has("dtype"))
            report.Text("dtype", null, Dtype);
        report.Text("device", null, _engine is null || !_isForDevice ? "cpu" : Device.NameOf(_engine));
        report.Count("peak_memory_bytes", null, PeakMemory());
    }

    private void Write(Report report)
    {
        Progress.Dispose();
        try
        {
            if (_json)
                report.WriteJson(_terminal.Out);
            else if (_quiet)
                report.WriteHeadline(_terminal.Out);
            else
                report.WriteTable(_terminal);
            _terminal.Out.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // One that is closed counts as one that denies access, to a path without a name.
            throw new CommandException($"standard output cannot be written to{(e is IOException ? $": {e.Message}" : "; is it closed?")}");
        }
    }

    /// <summary>Solves, and takes the time.</summary>
    /// <param name="repeat">How many solves are timed, after a warm-up; one is timed without.</param>
    /// <param name="solve">Gives the answer; all but the last are disposed.</param>
    /// <returns>The last answer, and the median of the times.</returns>
    public static (TResult Result, double Milliseconds) Time<TResult>(long? repeat, Func<TResult> solve)
    {
        int count = (int)(repeat ?? 1);
        double[] milliseconds = new double[count];
        TResult? result = default;
        for (int run = count > 1 ? -1 : 0; run < count; run++)
        {
            (result as IDisposable)?.Dispose();
            long start = Stopwatch.GetTimestamp();
            result = solve();
            if (run >= 0)
                milliseconds[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(milliseconds);
        return (result!, (milliseconds[(count - 1) / 2] + milliseconds[count / 2]) / 2);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Progress.Dispose();
        _engine?.Dispose();
        _stop.Dispose();
    }

    private static string Name(SolveStatus status) => status switch
    {
        SolveStatus.Converged => "converged",
        SolveStatus.MaxIterations => "max_iterations",
        SolveStatus.Stalled => "stalled",
        SolveStatus.Cancelled => "cancelled",
        _ => "numerical_failure",
    };

    private static long PeakMemory()
    {
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}

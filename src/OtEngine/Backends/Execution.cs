using System.Diagnostics;

namespace OtEngine.Backends;

/// <summary>What one call of the engine runs under: backend, threads, cancellation, progress, memory.</summary>
internal sealed class Execution(
    Backend backend, int threads, long costMatrixBudget, IProgress<SolveProgress>? progress, CancellationToken cancellation)
{
    private static readonly long ReportInterval = Stopwatch.Frequency / 20;
    private readonly Lock _reporting = new();
    private long _completed;
    private long _nextReport = Stopwatch.GetTimestamp() + ReportInterval;

    public Backend Backend { get; } = backend;

    public int Threads { get; } = threads;

    public long CostMatrixBudget { get; } = costMatrixBudget;

    /// <summary>Only a workspace, which keeps its execution from call to call, sets another one.</summary>
    public CancellationToken Cancellation { get; set; } = cancellation;

    public long Total { get; set; } = 1;

    /// <summary>What goes on where the device is lost; null where calls fail with it.</summary>
    public Func<DeviceException, Backend>? Fallback { get; init; }

    /// <summary>One list a problem of the table, where the convergence of sweeps is recorded; else null. Only the thread that sweeps a problem adds to its list.</summary>
    public List<ConvergencePoint>[]? Histories { get; set; }

    /// <summary>The same without a listener or a way to cancel: for what is computed later, when it is asked for.</summary>
    public Execution Uncancelled() => On(Backend);

    /// <summary>The same, uncancelled, on another backend.</summary>
    public Execution On(Backend other) => new(other, Threads, CostMatrixBudget, null, CancellationToken.None) { Fallback = Fallback };

    /// <summary>The same on one thread, without a listener: for problems within a batch that is spread over the threads.</summary>
    public Execution OnOneThread() => new(Backend, 1, CostMatrixBudget, null, Cancellation) { Histories = Histories };

    /// <summary>The same without a listener: for parts of a problem, whose iterations are none of its own.</summary>
    public Execution Unheard() => new(Backend, Threads, CostMatrixBudget, null, Cancellation);

    /// <summary>Takes note of a sweep, if anybody asked.</summary>
    /// <param name="row">The problem.</param>
    /// <param name="state">Its state after the sweep.</param>
    /// <param name="epsilon">The regularisation of the sweep.</param>
    public void Record(int row, ref readonly SinkhornState state, double epsilon) =>
        Record(row, state.Sweeps - 1, epsilon, state.ErrorA);

    /// <summary>The same of a sweep whose state is gone.</summary>
    /// <param name="row">The problem.</param>
    /// <param name="sweep">Which sweep of the problem, from 0.</param>
    /// <param name="epsilon">The regularisation of the sweep.</param>
    /// <param name="error">The error of side a before it.</param>
    public void Record(int row, long sweep, double epsilon, double error) => Histories?[row].Add(new ConvergencePoint(sweep, epsilon, error));

    public void Complete(long problems)
    {
        Interlocked.Add(ref _completed, problems);
        Report(0);
    }

    /// <summary>
    /// Tells the listener, if there is one and the last report is 50 ms old. One thread at a time, so that what the listener
    /// hears of never goes back.
    /// </summary>
    public void Report(long iterations)
    {
        if (progress is null || Stopwatch.GetTimestamp() < Interlocked.Read(ref _nextReport) || !_reporting.TryEnter())
            return;
        try
        {
            long now = Stopwatch.GetTimestamp();
            if (now < _nextReport)
                return;
            Interlocked.Exchange(ref _nextReport, now + ReportInterval);
            progress.Report(new SolveProgress(Interlocked.Read(ref _completed), Total, iterations));
        }
        finally
        {
            _reporting.Exit();
        }
    }
}

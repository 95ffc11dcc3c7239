using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace OtEngine.Backends;

/// <summary>What one call of the engine runs under: threads, cancellation, progress, memory.</summary>
internal sealed class Execution(int threads, long costMatrixBudget, IProgress<SolveProgress>? progress, CancellationToken cancellation)
{
    private static readonly long ReportInterval = Stopwatch.Frequency / 20;
    private long _completed;
    private long _nextReport = Stopwatch.GetTimestamp() + ReportInterval;

    public int Threads { get; } = threads;

    public long CostMatrixBudget { get; } = costMatrixBudget;

    public CancellationToken Cancellation { get; } = cancellation;

    public long Total { get; set; } = 1;

    public void Complete(long problems)
    {
        Interlocked.Add(ref _completed, problems);
        Report(0);
    }

    /// <summary>Tells the listener, if there is one and the last report is 50 ms old.</summary>
    public void Report(long iterations)
    {
        if (progress is null)
            return;
        long now = Stopwatch.GetTimestamp();
        long due = Interlocked.Read(ref _nextReport);
        if (now >= due && Interlocked.CompareExchange(ref _nextReport, now + ReportInterval, due) == due)
            progress.Report(new SolveProgress(Interlocked.Read(ref _completed), Total, iterations));
    }

    /// <summary>
    /// Runs a body for every index, spread over the threads, each with its own state. The body of one index must not depend on
    /// the others, so that any number of threads gives the same bits. The error of the lowest index that threw is thrown as it was.
    /// </summary>
    public void ForEach<TState>(int count, Func<TState> create, Action<int, TState> body)
        where TState : IDisposable
    {
        int workers = Math.Min(Threads, count);
        if (workers <= 1)
        {
            using TState state = create();
            for (int index = 0; index < count; index++)
                body(index, state);
            return;
        }

        int next = -1;
        int failed = count;
        Exception? error = null;
        Lock errorLock = new();
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
        {
            using TState state = create();
            int index;
            while ((index = Interlocked.Increment(ref next)) < Volatile.Read(ref failed))
            {
                try
                {
                    body(index, state);
                }
                catch (Exception exception)
                {
                    lock (errorLock)
                    {
                        if (index < failed)
                            (failed, error) = (index, exception);
                    }
                }
            }
        });
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
    }
}

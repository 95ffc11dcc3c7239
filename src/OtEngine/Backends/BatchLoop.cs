using System.Runtime.ExceptionServices;

namespace OtEngine.Backends;

/// <summary>
/// Spreads the rows of a table over threads. Each row is computed by one thread from its own data, so the number of
/// threads cannot change a result. Of several failures the one of the lowest row is thrown.
/// </summary>
internal static class BatchLoop
{
    /// <param name="count">Rows.</param>
    /// <param name="execution">Threads, cancellation, progress.</param>
    /// <param name="createWorker">Makes the state of one thread; disposed at the end if it can be.</param>
    /// <param name="solve">Solves one row.</param>
    /// <param name="completes">Whether a row is a problem solved, of which the listener is told; false for a task within one.</param>
    public static void Run<TWorker>(
        int count, Execution execution, Func<TWorker> createWorker, Action<TWorker, int> solve, bool completes = true)
        where TWorker : class
    {
        int next = -1;
        int failedRow = int.MaxValue;
        ExceptionDispatchInfo? failure = null;
        Lock gate = new();

        int threads = Math.Min(execution.Threads, count);
        Task[] helpers = new Task[Math.Max(threads - 1, 0)];
        for (int k = 0; k < helpers.Length; k++)
            helpers[k] = Task.Run(Work, CancellationToken.None);
        Work();
        Task.WaitAll(helpers);
        failure?.Throw();

        void Work()
        {
            TWorker? worker = default;
            for (int row = Interlocked.Increment(ref next); row < count; row = Interlocked.Increment(ref next))
            {
                if (Volatile.Read(ref failedRow) < row)
                    break;
                try
                {
                    execution.Cancellation.ThrowIfCancellationRequested();
                    worker ??= createWorker();
                    solve(worker, row);
                    if (completes)
                        execution.Complete(1);
                }
                catch (Exception exception)
                {
                    lock (gate)
                    {
                        if (row < failedRow)
                            (failedRow, failure) = (row, ExceptionDispatchInfo.Capture(exception));
                    }
                }
            }

            (worker as IDisposable)?.Dispose();
        }
    }
}

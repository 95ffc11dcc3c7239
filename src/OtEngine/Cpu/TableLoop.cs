using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// How a verb goes through a table: large problems one after another on the calling thread, where the verb spreads each over the
/// threads itself; then the small ones, spread over the threads whole.
/// </summary>
internal static class TableLoop
{
    /// <summary>Costs from which one problem is spread over threads: some 50 microseconds of work a sweep.</summary>
    public const long SpreadFrom = 1 << 20;

    public static void Run<T, TWorker>(ProblemTable<T> table, Execution execution, Func<TWorker> createWorker, Action<TWorker, int> work)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TWorker : class, IDisposable
    {
        int large = 0;
        TWorker? worker = null;
        try
        {
            for (int row = 0; row < table.Rows.Length; row++)
            {
                if (!IsLarge(table.Rows[row]))
                    continue;
                large++;
                execution.Cancellation.ThrowIfCancellationRequested();
                work(worker ??= createWorker(), row);
            }
        }
        finally
        {
            worker?.Dispose();
        }

        if (large == table.Rows.Length)
            return;
        BatchLoop.Run(
            table.Rows.Length,
            execution,
            createWorker,
            (small, row) =>
            {
                if (!IsLarge(table.Rows[row]))
                    work(small, row);
            },
            completes: false);
    }

    private static bool IsLarge(in ProblemRow row) => (long)row.Rows * row.Columns >= SpreadFrom;
}

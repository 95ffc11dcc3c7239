using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>A verb's work on one problem of a table.</summary>
internal interface ITableWork<TWorker>
{
    void Run(TWorker worker, int row);
}

/// <summary>
/// How a verb goes through a table: large problems one after another on the calling thread, where the verb spreads each over the
/// threads itself; then the small ones, spread over the threads whole. A table of one problem allocates nothing.
/// </summary>
internal static class TableLoop
{
    /// <summary>Costs from which one problem is spread over threads: some 50 microseconds of work a sweep.</summary>
    public const long SpreadFrom = 1 << 20;

    public static void Run<T, TWorker, TWork>(ProblemTable<T> table, Execution execution, WorkerPool<TWorker> pool, in TWork work)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TWorker : class, IWorker, new()
        where TWork : struct, ITableWork<TWorker>
    {
        int large = 0;
        TWorker worker = pool.Rent();
        try
        {
            bool alone = table.Rows.Length == 1 || execution.Threads == 1;
            for (int row = 0; row < table.Rows.Length; row++)
            {
                if (!alone && !IsLarge(table.Rows[row]))
                    continue;
                large++;
                execution.Cancellation.ThrowIfCancellationRequested();
                work.Run(worker, row);
            }
        }
        finally
        {
            pool.Return(worker);
        }

        if (large < table.Rows.Length)
            RunSmall(table, execution, pool, work);
    }

    private static void RunSmall<T, TWorker, TWork>(ProblemTable<T> table, Execution execution, WorkerPool<TWorker> pool, TWork work)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TWorker : class, IWorker, new()
        where TWork : struct, ITableWork<TWorker> =>
        BatchLoop.Run(
            table.Rows.Length,
            execution,
            () => new Lease<TWorker>(pool),
            (lease, row) =>
            {
                if (!IsLarge(table.Rows[row]))
                    work.Run(lease.Worker, row);
            },
            completes: false);

    private static bool IsLarge(in ProblemRow row) => (long)row.Rows * row.Columns >= SpreadFrom;

    /// <summary>A worker for as long as a loop needs it.</summary>
    public sealed class Lease<TWorker>(WorkerPool<TWorker> pool) : IDisposable
        where TWorker : class, IWorker, new()
    {
        public TWorker Worker { get; } = pool.Rent();

        public void Dispose() => pool.Return(Worker);
    }
}

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
/// threads itself; then the small ones, spread over the threads whole. Problems on grids have workers of their own, so that a verb goes
/// through a table once for each kind. A table of one problem allocates nothing.
/// </summary>
internal static class TableLoop
{
    /// <summary>Costs from which one problem is spread over threads: some 50 microseconds of work a sweep.</summary>
    public const long SpreadFrom = 1 << 20;

    /// <param name="table">The table.</param>
    /// <param name="onGrids">Whether the problems on grids are gone through, and not the others.</param>
    /// <param name="execution">Threads and cancellation.</param>
    /// <param name="pool">Workers of that kind.</param>
    /// <param name="work">The verb.</param>
    public static void Run<T, TWorker, TWork>(ProblemTable<T> table, bool onGrids, Execution execution, WorkerPool<TWorker> pool, in TWork work)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TWorker : class, IWorker, new()
        where TWork : struct, ITableWork<TWorker>
    {
        int rest = Count(table, onGrids);
        if (rest == 0)
            return;
        TWorker worker = pool.Rent();
        try
        {
            bool alone = table.Rows.Length == 1 || execution.Threads == 1;
            for (int row = 0; row < table.Rows.Length; row++)
            {
                Geometry<T> geometry = table.Geometries[table.Rows[row].Geometry];
                if (geometry is GridGeometry<T> != onGrids || (!alone && !IsLarge(geometry)))
                    continue;
                rest--;
                execution.Cancellation.ThrowIfCancellationRequested();
                work.Run(worker, row);
            }
        }
        finally
        {
            pool.Return(worker);
        }

        if (rest > 0)
            RunSmall(table, onGrids, execution, pool, work);
    }

    /// <summary>Whether one problem is spread over threads: by its costs, or on a grid by the pairs along its axes, which are what a transform reads.</summary>
    public static bool IsLarge<T>(Geometry<T> geometry)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (geometry is not GridGeometry<T> grid)
            return (long)geometry.Rows * geometry.Columns >= SpreadFrom;
        long pairs = 0;
        for (int axis = 0; axis < grid.ShapeA.Length; axis++)
            pairs += (long)Math.Max(geometry.Rows, geometry.Columns) * Math.Max(grid.ShapeA[axis], grid.ShapeB[axis]);
        return pairs >= SpreadFrom;
    }

    private static int Count<T>(ProblemTable<T> table, bool onGrids)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = 0;
        foreach (ProblemRow row in table.Rows)
            count += table.Geometries[row.Geometry] is GridGeometry<T> == onGrids ? 1 : 0;
        return count;
    }

    private static void RunSmall<T, TWorker, TWork>(ProblemTable<T> table, bool onGrids, Execution execution, WorkerPool<TWorker> pool, TWork work)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TWorker : class, IWorker, new()
        where TWork : struct, ITableWork<TWorker> =>
        BatchLoop.Run(
            table.Rows.Length,
            execution,
            () => new Lease<TWorker>(pool),
            (lease, row) =>
            {
                Geometry<T> geometry = table.Geometries[table.Rows[row].Geometry];
                if (geometry is GridGeometry<T> == onGrids && !IsLarge(geometry))
                    work.Run(lease.Worker, row);
            },
            completes: false);

    /// <summary>A worker for as long as a loop needs it.</summary>
    public sealed class Lease<TWorker>(WorkerPool<TWorker> pool) : IDisposable
        where TWorker : class, IWorker, new()
    {
        public TWorker Worker { get; } = pool.Rent();

        public void Dispose() => pool.Return(Worker);
    }
}

using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// The part of the verb SinkhornSweep that works on shared kernels: which problems of a table it takes, and in which groups. A problem is
/// taken if its schedule has one stage, its geometry a kernel at that eps, and its scalings have not left the range: all of it
/// its own, so that a batch gives the bits of its loop.
/// </summary>
internal static class SharedSweep
{
    /// <summary>
    /// Takes the problems that share kernels through at most <paramref name="budget"/> sweeps and marks them; those that turn out to have no
    /// kernel, or leave it, are marked as alone in their state.
    /// </summary>
    public static void Run<T>(
        CpuTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        HostBuffer<SinkhornState> states,
        HostBuffer<double> potentials,
        long budget,
        WorkerPool<SharedSweepWorker<T>> pool,
        bool[] taken,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        List<Group> groups = GroupsOf(table, stages.Span, states, taken, execution);

        // Large ones one after another, each over all threads; then the others, over the threads whole.
        foreach (Execution over in (ReadOnlySpan<Execution>)[execution.OnOneThread(), execution])
        {
            List<Group> part = groups.FindAll(group => group.IsLarge == !ReferenceEquals(over, execution));
            BatchLoop.Run(
                part.Count,
                over,
                () => new TableLoop.Lease<SharedSweepWorker<T>>(pool),
                (lease, k) => Sweep(table, part[k], lease.Worker, stages.Span, states, potentials, budget, execution),
                completes: false);
        }
    }

    private static void Sweep<T>(
        CpuTable<T> table,
        Group group,
        SharedSweepWorker<T> worker,
        ReadOnlySpan<SinkhornStage> stages,
        HostBuffer<SinkhornState> states,
        HostBuffer<double> potentials,
        long budget,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        GibbsKernel<T>? kernel = table.Rent(group.Geometry, group.Epsilon, execution);
        try
        {
            if (kernel is not null)
            {
                worker.Run(kernel, table.Table, group.Rows, stages, states, potentials, budget, execution);
                return;
            }

            foreach (int row in group.Rows)
                states.Span(row, 1)[0].Alone = 1;
        }
        finally
        {
            table.Return(group.Geometry, group.Epsilon);
        }
    }

    private static List<Group> GroupsOf<T>(
        CpuTable<T> table, ReadOnlySpan<SinkhornStage> stages, HostBuffer<SinkhornState> states, bool[] taken, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Dictionary<(int Geometry, double Epsilon), List<int>> rows = [];
        for (int row = 0; row < taken.Length; row++)
        {
            ref SinkhornState state = ref states.Span(row, 1)[0];
            int geometry = table.Table.Rows[row].Geometry;
            if (state.Phase != SinkhornPhase.Running || state.Alone != 0 || state.FirstStage != state.LastStage
                || !GibbsKernel<T>.IsCandidate(table.Table.Geometries[geometry], execution.CostMatrixBudget))
            {
                continue;
            }

            taken[row] = true;
            (int, double) key = (geometry, stages[state.LastStage].Epsilon);
            if (!rows.TryGetValue(key, out List<int>? list))
                rows.Add(key, list = []);
            list.Add(row);
        }

        List<Group> groups = [];
        foreach (((int geometry, double epsilon), List<int> list) in rows)
        {
            bool large = TableLoop.IsLarge(table.Table.Geometries[geometry]);
            foreach (int[] chunk in list.Chunk(SharedSweepWorker<T>.MostHistograms))
                groups.Add(new Group(geometry, epsilon, chunk, large));
        }

        return groups;
    }

    /// <summary>A few problems on one kernel.</summary>
    private sealed record Group(int Geometry, double Epsilon, int[] Rows, bool IsLarge);
}

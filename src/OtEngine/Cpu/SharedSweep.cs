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
    /// <summary>Takes the problems that share kernels through at most <paramref name="budget"/> sweeps and marks them.</summary>
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
        Dictionary<GibbsKernel<T>, List<int>> rows = [];
        for (int row = 0; row < taken.Length; row++)
        {
            ref SinkhornState state = ref states.Span(row, 1)[0];
            if (state.Phase != SinkhornPhase.Running || KernelOf(table, row, ref state, stages.Span, execution) is not { } kernel)
                continue;
            taken[row] = true;
            if (!rows.TryGetValue(kernel, out List<int>? list))
                rows.Add(kernel, list = []);
            list.Add(row);
        }

        foreach ((GibbsKernel<T> kernel, List<int> list) in rows)
        {
            int[][] groups = [.. list.Chunk(SharedSweepWorker<T>.MostHistograms)];
            bool large = (long)kernel.Rows * kernel.Columns >= TableLoop.SpreadFrom;
            Execution over = large ? execution.OnOneThread() : execution;
            BatchLoop.Run(
                groups.Length,
                over,
                () => new TableLoop.Lease<SharedSweepWorker<T>>(pool),
                (lease, group) => lease.Worker.Run(kernel, table.Table, groups[group], stages.Span, states, potentials, budget, execution),
                completes: false);
        }
    }

    /// <summary>The shared kernel that a problem sweeps on, if it does.</summary>
    private static GibbsKernel<T>? KernelOf<T>(CpuTable<T> table, int row, ref SinkhornState state, ReadOnlySpan<SinkhornStage> stages, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (state.Alone != 0 || state.FirstStage != state.LastStage)
            return null;
        return table.Kernel(table.Table.Rows[row].Geometry, stages[state.LastStage].Epsilon, execution);
    }
}

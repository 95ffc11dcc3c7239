using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// The verb SinkhornSweep: r_i = sum_j b_j exp((f_i + g_j - C_ij) / eps), f' = f - omega eps ln r, then
/// c_j = sum_i a_i exp((f'_i + g_j - C_ij) / eps) from the same terms, exp((f' - f) / eps) taken out, g' = g - omega eps ln c: one read of
/// the costs and at most one exp a full sweep. Small problems are spread over threads whole; large ones one after
/// another, each over all threads by a partition of its rows that depends on its shape alone. On grids <see cref="GridSinkhornSweep"/> goes
/// along the axes instead.
/// </summary>
internal static class SinkhornSweep
{
    public const double Ln2 = 0.693147180559945309417;

    public readonly struct Work<T>(
        ProblemTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        HostBuffer<SinkhornState> states,
        HostBuffer<double> potentials,
        long budget,
        bool[]? taken,
        Execution execution) : ITableWork<SinkhornWorker<T>>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(SinkhornWorker<T> worker, int row)
        {
            ref SinkhornState state = ref states.Span(row, 1)[0];
            if (state.Phase != SinkhornPhase.Running || (taken is not null && taken[row] && state.Alone == 0))
                return;
            ProblemRow problem = table.Rows[row];
            Span<double> f = potentials.Span(problem.PotentialsA, problem.Rows);
            Span<double> g = potentials.Span(problem.PotentialsB, problem.Columns);
            worker.Run(table, row, stages, ref state, f, g, budget, execution);
        }
    }
}

using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The verb SinkhornSweep on a grid: f' = (1 - omega) f + omega S(g), then g' = (1 - omega) g + omega S(f'), S the soft c-transform, which
/// goes along one axis after the other (see <see cref="GridTransform"/>). In the log domain throughout, so that any potentials will do.
/// </summary>
internal static unsafe class GridSinkhornSweep
{
    public readonly struct Work<T>(
        ProblemTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        HostBuffer<SinkhornState> states,
        HostBuffer<double> potentials,
        long budget,
        Execution execution) : ITableWork<GridProblem<T>>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(GridProblem<T> problem, int row)
        {
            ref SinkhornState state = ref states.Span(row, 1)[0];
            if (state.Phase != SinkhornPhase.Running)
                return;
            problem.Take(table, row, stages.Span[state.Stage].Epsilon, potentials, execution.Threads);
            Sweeps(problem, row, stages.Span, ref state, budget, execution);
            ProblemRow place = table.Rows[row];
            problem.Give(potentials.Span(place.PotentialsA, place.Rows), potentials.Span(place.PotentialsB, place.Columns));
        }
    }

    /// <summary>Takes one problem through at most <paramref name="budget"/> sweeps.</summary>
    private static void Sweeps<T>(
        GridProblem<T> problem, int row, ReadOnlySpan<SinkhornStage> stages, ref SinkhornState state, long budget, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (state.Cold != 0)
            StartCold(problem, execution.Cancellation);
        else if (state.Sweeps == 0)
            problem.Centre();
        state.Cold = 0;
        for (; state.Phase == SinkhornPhase.Running && budget > 0; budget--)
        {
            SinkhornStage stage = stages[state.Stage];
            problem.SetEpsilon(stage.Epsilon);
            (double errorA, double errorB) = Sweep(problem, state.Omega, execution.Cancellation);
            SinkhornRule.Advance(ref state, stage, errorA, errorB);
            execution.Record(row, ref state, stage.Epsilon);
            execution.Report(state.Sweeps);
        }
    }

    /// <summary>f_i = min_j C_ij, then g_j = min_i (C_ij - f_i): what every cold start begins with.</summary>
    private static void StartCold<T>(GridProblem<T> problem, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        new Span<double>(problem.V, problem.CountB).Fill(double.NegativeInfinity);
        new Span<double>(problem.U, problem.CountA).Fill(double.NegativeInfinity);
        foreach (int j in problem.Sinks)
            problem.V[j] = 0;
        problem.Transform.Hard(toA: true, problem.V, problem.ResultsA, cancellation);
        foreach (int i in problem.Sources)
            problem.U[i] = problem.F[i] = -problem.ResultsA[i];
        problem.Transform.Hard(toA: false, problem.U, problem.ResultsB, cancellation);
        foreach (int j in problem.Sinks)
            problem.G[j] = -problem.ResultsB[j];
    }

    private static (double A, double B) Sweep<T>(GridProblem<T> problem, double omega, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        GridTransform transform = problem.Transform;
        problem.FillV();
        transform.Soft(toA: true, problem.V, problem.ResultsA, cancellation);
        double errorA = GridRows.Update(problem.CountA, omega, transform.Scale, problem.A, problem.ResultsA, problem.F);
        problem.FillU();
        transform.Soft(toA: false, problem.U, problem.ResultsB, cancellation);
        double errorB = GridRows.Update(problem.CountB, omega, transform.Scale, problem.B, problem.ResultsB, problem.G);
        return (errorA, errorB);
    }
}

using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// The verb SoftMin at eps > 0 on a grid, for the cells that have no mass: f_i = -eps ln sum_j b_j exp((g_j - C_ij) / eps), and g_j likewise.
/// </summary>
internal static unsafe class GridMasslessSoftMin
{
    public readonly struct Work<T>(
        ProblemTable<T> table, ReadOnlyMemory<double> epsilons, HostBuffer<double> potentials, Execution execution) : ITableWork<GridProblem<T>>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public void Run(GridProblem<T> problem, int row)
        {
            ProblemRow place = table.Rows[row];
            problem.Take(table, row, epsilons.Span[row], potentials, execution.Threads);
            Extend(
                problem,
                potentials.Span(place.PotentialsA, place.Rows),
                potentials.Span(place.PotentialsB, place.Columns),
                execution.Cancellation);
        }
    }

    private static void Extend<T>(GridProblem<T> problem, Span<double> f, Span<double> g, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (problem.Sources.Length < f.Length)
        {
            problem.FillV();
            problem.Transform.Soft(toA: true, problem.V, problem.ResultsA, cancellation);
            Extend(f, problem.A, problem.ResultsA, problem.Transform.Scale);
        }

        if (problem.Sinks.Length < g.Length)
        {
            problem.FillU();
            problem.Transform.Soft(toA: false, problem.U, problem.ResultsB, cancellation);
            Extend(g, problem.B, problem.ResultsB, problem.Transform.Scale);
        }
    }

    private static void Extend(Span<double> potentials, double* weights, double* logarithms, double scale)
    {
        for (int k = 0; k < potentials.Length; k++)
            potentials[k] = weights[k] > 0 ? potentials[k] : -logarithms[k] / scale;
    }
}

using System.Numerics;

namespace OtEngine;

public sealed partial class Engine
{
    /// <summary>Solves one Gromov-Wasserstein problem, plain or fused; see <see cref="GromovWasserstein"/>.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="solver">How to solve it.</param>
    /// <param name="progress">Hears of progress at most every 50 ms.</param>
    /// <param name="cancellationToken">Observed within 50 ms.</param>
    /// <returns>The answer with its status; dispose it to release the plan.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">The solver refuses the problem.</exception>
    public GromovResult<T> Solve<T>(
        GromovProblem<T> problem, GromovWasserstein solver, IProgress<SolveProgress>? progress = null, CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(problem);
        return SolveBatch([problem], solver, progress, cancellationToken)[0];
    }

    /// <summary>
    /// Solves Gromov-Wasserstein problems of any sizes, step by step together, each to its own end. Gives the same bits as solving them one by one.
    /// </summary>
    /// <param name="problems">The problems; inner costs on one geometry object are stored once.</param>
    /// <param name="solver">How to solve each.</param>
    /// <param name="progress">Hears of progress at most every 50 ms.</param>
    /// <param name="cancellationToken">Observed within 50 ms.</param>
    /// <returns>The answers, in the order of the problems.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">The solver refuses a problem.</exception>
    public IReadOnlyList<GromovResult<T>> SolveBatch<T>(
        IReadOnlyList<GromovProblem<T>> problems, GromovWasserstein solver, IProgress<SolveProgress>? progress = null, CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(problems);
        ArgumentNullException.ThrowIfNull(solver);
        foreach (GromovProblem<T> problem in problems)
            ArgumentNullException.ThrowIfNull(problem, nameof(problems));
        RequireRunning(cancellationToken);
        if (problems.Count == 0)
            return [];
        return Run(() => solver.Solve(problems, Begin(problems.Count, progress, cancellationToken)));
    }
}

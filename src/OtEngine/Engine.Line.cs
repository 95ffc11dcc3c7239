using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

public sealed partial class Engine
{
    /// <summary>
    /// Solves a transport problem on the line or on a circle exactly. On the line: a linear-time sort of both sides, on two
    /// threads if there are two, and one pass, O(n + m). On a circle also a bisection of O(n + m) a step. Memory: 12 bytes
    /// an atom in the result and as much again while solving.
    /// </summary>
    /// <param name="problem">The problem.</param>
    /// <param name="cancellationToken">Observed between the phases.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public LineResult<T> Solve<T>(LineProblem<T> problem, CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(problem);
        Execution execution = Begin(1, progress: null, cancellationToken);
        return new LineResult<T>(problem, LineCoupling.Of(problem, execution.Threads, cancellationToken));
    }
}

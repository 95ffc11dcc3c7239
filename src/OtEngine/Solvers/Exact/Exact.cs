using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Exact transport by a network simplex: min sum_ij C_ij P_ij, with plan, potentials and certificate. Works on stored
/// costs, on points (costs computed on the fly, memory linear in n + m) and on sparse arcs.
/// </summary>
public sealed record Exact : TransportSolver
{
    /// <summary>Potentials to start from, of the size of the problem; null starts from the costs alone. Any finite values are valid.</summary>
    public DualPotentials? WarmStart { get; init; }

    /// <summary>
    /// Most pivots of the simplex, at least 1; null is a bound that no problem has been seen to approach. Hitting it ends in
    /// <see cref="SolveStatus.MaxIterations"/> with a feasible plan.
    /// </summary>
    public long? MaxIterations { get; init; }

    internal override TransportResult<T>[] Solve<T>(ProblemTable<T> table, Execution execution) => throw new InvalidOperationException();

    internal override void SolveCosts<T>(ProblemTable<T> table, Span<double> costs, Execution execution) => throw new InvalidOperationException();
}

using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>How to solve a transport problem: an immutable record of options that <see cref="Engine"/> runs.</summary>
public abstract record TransportSolver
{
    private protected TransportSolver()
    {
    }

    /// <summary>Solves every row of a table, in parallel over rows, and returns full results in order.</summary>
    internal abstract TransportResult<T>[] Solve<T>(ProblemTable<T> table, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>Solves every row of a table and keeps only the transport costs; no result objects are made.</summary>
    internal abstract void SolveCosts<T>(ProblemTable<T> table, Memory<double> costs, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>;
}

using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Exact transport by a network simplex: min sum_ij C_ij P_ij over P >= 0 with row sums a and column sums b, with plan,
/// potentials and certificate. Works on stored costs, on points (costs computed on the fly, memory linear in n + m
/// beyond <see cref="EngineOptions.CostMatrixBudget"/>) and on sparse arcs, all in double arithmetic on masses scaled to
/// exactly balanced 64-bit integers. Large problems are solved on few arcs that entropic potentials choose, and all arcs
/// are priced until none improves the plan; see <see cref="Method"/>. A batch is spread over threads by problem; of one
/// large problem the passes over all arcs are. The number of threads changes no bit. On a device the passes over all arcs of
/// large problems are its work, on costs or points in its memory, and this machine, in memory linear in n + m, keeps the simplex; the
/// optimal cost, status and certificate are as on the CPU. Few atoms, sparse arcs, and costs so far apart that potentials have to be
/// rebased, are the CPU's. A batch has as many problems in a device's memory as the engine has threads, each with its costs; a problem for
/// which there is no memory left is solved on the CPU.
/// </summary>
/// <remarks>
/// Sources: W. H. Cunningham, A network simplex method, Math. Programming 11 (1976), for the strongly feasible basis;
/// M. D. Grigoriadis, An efficient implementation of the network simplex method, Math. Programming Study 26 (1986), for
/// block search.
/// </remarks>
public sealed record Exact : TransportSolver
{
    /// <summary>Arcs from which on the hybrid method is faster: the two take as long at n = 500 to 600, in 2 and in 64 dimensions; at 1000 it takes half as long.</summary>
    private const long HybridArcs = 300_000;

    /// <summary>Atoms of the smaller side, and of the larger for each of those, for which the same holds: a few sources share out the sinks in large regions, of which near arcs say little.</summary>
    private const int HybridAtoms = 256;

    private const int HybridAspect = 16;

    private readonly long? _maxIterations;

    /// <summary>How to solve; default: by size.</summary>
    public ExactMethod Method { get; init; }

    /// <summary>Potentials to start from, of the size of the problem; null starts from the costs alone. Any finite values are valid.</summary>
    public DualPotentials? WarmStart { get; init; }

    /// <summary>
    /// Most pivots of the simplex, at least 1; null is a million and a thousand for every atom, which no problem has been seen to approach.
    /// Hitting the bound ends in <see cref="SolveStatus.MaxIterations"/> with the best plan reached.
    /// </summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: less than 1.</exception>
    public long? MaxIterations
    {
        get => _maxIterations;
        init
        {
            if (value < 1)
                Throw.OutOfRange("MaxIterations", value.Value, "at least 1");
            _maxIterations = value;
        }
    }

    /// <summary>Rounds of the hybrid method after which all arcs join: about 3 to 8 are usual, each with a tenth of the arcs of the one before.</summary>
    internal int HybridRounds { get; init; } = 30;

    /// <summary>Whether a problem of so many atoms with mass on either side is one for few arcs, and so, where there is one, for a device.</summary>
    internal bool IsHybrid(int sources, int sinks) => Method switch
    {
        ExactMethod.NetworkSimplex => false,
        ExactMethod.Hybrid => true,
        _ => (long)sources * sinks >= HybridArcs && Math.Min(sources, sinks) >= Math.Max(HybridAtoms, Math.Max(sources, sinks) / HybridAspect),
    };

    internal override TransportResult<T>[] Solve<T>(ProblemTable<T> table, Execution execution)
    {
        TransportResult<T>[] results = new TransportResult<T>[table.Rows.Length];
        BatchLoop.Run(
            results.Length,
            execution,
            () => new ExactWorker<T>(this, table, execution),
            (worker, row) =>
            {
                worker.Solve(row);
                results[row] = ExactAnswer<T>.Of(worker, table.Geometries[table.Rows[row].Geometry], worker.RowsFactory, execution.Cancellation);
            });
        return results;
    }

    internal override void SolveCosts<T>(ProblemTable<T> table, Memory<double> costs, Execution execution) =>
        BatchLoop.Run(
            table.Rows.Length,
            execution,
            () => new ExactWorker<T>(this, table, execution),
            (worker, row) =>
            {
                worker.Solve(row);
                costs.Span[row] = worker.Status == SolveStatus.Converged ? worker.PrimalCost : double.NaN;
            });
}

using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// Exact transport by a simplex on few arcs: a basis from entropic potentials, a network simplex on the near arcs, then every
/// arc is priced by the rule of the dense simplex; those that would improve the basis join, and the simplex goes on from where
/// it is, until none would. It ends where the dense simplex would: at a basis that no arc at all improves.
/// </summary>
/// <param name="execution">Cancellation and progress.</param>
/// <param name="within">Threads within one problem.</param>
internal sealed class HybridSimplex<T>(Execution execution, Execution within)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Arcs that join for each row, and each column, in a round.</summary>
    private const int JoiningArcs = 8;

    private readonly EntropicDuals<T> _duals = new(within);
    private readonly CandidateArcs _arcs = new();
    private readonly ArcLists _byRow = new();
    private readonly ArcLists _byColumn = new();

    /// <summary>Builds the first basis.</summary>
    /// <param name="rows">The costs between atoms with mass.</param>
    /// <param name="geometry">Where they come from.</param>
    /// <param name="support">The atoms with mass; their units are used up.</param>
    /// <param name="start">Potentials to start from, if there are any.</param>
    /// <param name="storeBudget">Bytes that may be spent on stored costs beside those of the problem.</param>
    /// <param name="passes">Passes over all pairs where a remote backend makes them; null where the rows are read for that.</param>
    /// <param name="tree">Receives the basis.</param>
    /// <param name="scratch">Arrays reused between problems.</param>
    /// <returns>False if the entropic potentials failed; then nothing has been touched.</returns>
    public bool TryStart<TRows>(
        in TRows rows,
        Geometry<T> geometry,
        ExactSupport<T> support,
        DualPotentials? start,
        long storeBudget,
        ArcPasses<T>? passes,
        SpanningTree tree,
        ExactScratch scratch)
        where TRows : struct, ICostRows
    {
        if (!_duals.TryCompute(rows, geometry, support, start, storeBudget, passes, _arcs))
            return false;
        double[] scores = new double[_arcs.BySource.Count];
        int arc = 0;
        for (int i = 0; i < rows.Rows; i++)
        {
            ReadOnlySpan<int> sinks = _arcs.BySource.EndsOf(i);
            ReadOnlySpan<double> costs = _arcs.BySource.CostsOf(i);
            for (int k = 0; k < sinks.Length; k++)
                scores[arc++] = _duals.Score(i, sinks[k], costs[k]);
        }

        CandidateBasis<T, TRows> basis = new(rows, passes, _arcs, _duals.F, _duals.G, support.Supplies, support.Demands, scratch, execution.Cancellation);
        basis.Build(scores, _duals.StrongScore, tree);
        return true;
    }

    /// <summary>
    /// Goes on from the basis until no arc improves it: for so many rounds, and from there with all arcs. Where a remote backend makes the passes
    /// a round is cheap, and there are as many as it takes: each adds an arc or is the last.
    /// </summary>
    /// <param name="rows">The costs.</param>
    /// <param name="passes">Passes over all pairs where a remote backend makes them; null where the rows are read for that.</param>
    /// <param name="tree">The basis.</param>
    /// <param name="u">Receives the node values.</param>
    /// <param name="maxRounds">Rounds after which all arcs join.</param>
    /// <param name="maxPivots">Most pivots.</param>
    /// <param name="pivots">Counted on.</param>
    public SolveStatus Run<TRows>(in TRows rows, ArcPasses<T>? passes, SpanningTree tree, double[] u, int maxRounds, long maxPivots, ref long pivots)
        where TRows : struct, ICostRows
    {
        double[] rowShift = new double[rows.Rows];
        double[] columnShift = new double[rows.Columns];
        for (int round = 0; round < maxRounds || passes is not null; round++)
        {
            CandidatePricer<TRows> pricer = new(rows, _arcs.BySource, u);
            SolveStatus status = NetworkSimplex.Run(tree, ref pricer, maxPivots, execution, ref pivots);
            if (status != SolveStatus.Converged)
                return status;
            for (int i = 0; i < rowShift.Length; i++)
                rowShift[i] = pricer.RowShift(i);
            u.AsSpan(rows.Rows, rows.Columns).CopyTo(columnShift);
            if (passes is null)
            {
                _byRow.Reset(rows.Rows, JoiningArcs, 0);
                _byColumn.Reset(rows.Columns, JoiningArcs, 0);
                ReducedCosts.Lowest(rows, rowShift, columnShift, IPricer.Slack, _byRow, _byColumn, within);
            }
            else
            {
                passes.Lowest(TransportSide.A, rowShift, columnShift, IPricer.Slack, 0, JoiningArcs, _byRow);
                passes.Lowest(TransportSide.B, rowShift, columnShift, IPricer.Slack, 0, JoiningArcs, _byColumn);
            }

            int added = _arcs.Add(rows, _byRow, _byColumn, execution.Cancellation);
            if (added == 0)
                return SolveStatus.Converged;
        }

        PlainPricer<TRows> plain = new(rows, u);
        return NetworkSimplex.Run(tree, ref plain, maxPivots, execution, ref pivots);
    }
}

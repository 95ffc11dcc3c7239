using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// The primal network simplex on a strongly feasible spanning tree, with block search: rows are priced round robin, and
/// the most attractive arc of a block of rows enters. Ends when no row has an attractive arc under potentials freshly
/// computed from the tree. Terminates because flows are integers and the basis stays strongly feasible.
/// </summary>
internal static class NetworkSimplex
{
    /// <summary>Arcs of a block, at least. Of 32, 64, 128, 256 and 512 the best for 30 x 30 and as good as any for 64 x 64.</summary>
    private const double SmallestBlock = 128;

    public static SolveStatus Run<TPricer>(SpanningTree tree, ref TPricer pricer, long maxPivots, Execution execution, ref long pivots)
        where TPricer : struct, IPricer
    {
        int rows = pricer.Rows;
        int block = RowsPerBlock(rows, pricer.ArcsPerRow);
        int row = 0;
        pricer.Recompute(tree);
        bool fresh = true;
        int unattractive = 0;
        while (true)
        {
            double best = 0;
            int source = -1;
            for (int k = Math.Min(block, rows); k > 0; k--)
            {
                double price = pricer.Price(row);

                // A price that overflowed says nothing; whether the basis is optimal without it is for the certificate to say.
                if (price < best && price > double.NegativeInfinity)
                    (best, source) = (price, row);
                if (++row == rows)
                    row = 0;
            }

            execution.Cancellation.ThrowIfCancellationRequested();
            if (source < 0)
            {
                unattractive += block;
                if (unattractive < rows)
                    continue;
                if (fresh)
                    return SolveStatus.Converged;
                pricer.Recompute(tree);
                fresh = true;
                unattractive = 0;
                continue;
            }

            if (pivots == maxPivots)
                return SolveStatus.MaxIterations;
            int sink = pricer.FindSink(source, best);
            int top = tree.Pivot(source, sink + rows);
            pricer.Shift(tree, top, source, sink);
            pivots++;
            unattractive = 0;

            // Shifts add up their rounding; a pass over the tree for every so many nodes' worth of pivots takes it out.
            fresh = pivots % tree.Count == 0;
            if (fresh)
                pricer.Recompute(tree);
            if ((pivots & 1023) == 0)
                execution.Report(pivots);
        }
    }

    /// <summary>
    /// Larger blocks find better arcs and need fewer pivots, smaller ones cost less to price. The square root of the
    /// number of arcs balances the two; below it pricing is so cheap beside the pivot that small problems take more.
    /// </summary>
    private static int RowsPerBlock(int rows, int arcsPerRow)
    {
        double arcs = Math.Max(SmallestBlock, Math.Sqrt((double)rows * arcsPerRow));
        return Math.Clamp((int)(arcs / Math.Max(arcsPerRow, 1)), 1, rows);
    }
}

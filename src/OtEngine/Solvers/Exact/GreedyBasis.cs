namespace OtEngine;

/// <summary>
/// First bases from the cheapest arcs: every source in turn sends its mass along its arcs, cheapest first (reduced by
/// potentials of the sinks), to sinks with demand left. Whoever is not used up by an arc stays the only node of its
/// component with mass left, so the arcs that carry flow form a forest. How its trees are joined to one strongly feasible
/// basis depends on the geometry: by arcs without flow where every arc exists, under an artificial root otherwise.
/// </summary>
internal static class GreedyBasis
{
    /// <summary>A basis of real arcs alone, for complete costs.</summary>
    /// <param name="rows">The costs.</param>
    /// <param name="supplies">Units of the sources, positive; used up.</param>
    /// <param name="demands">Units of the sinks, positive, of the same total; used up.</param>
    /// <param name="shift">-g of the sinks, added to their costs; used up.</param>
    /// <param name="tree">Receives the basis.</param>
    /// <param name="scratch">Arrays reused between problems.</param>
    /// <param name="cancellation">Watched at every row.</param>
    public static void Build<TRows>(
        in TRows rows, Span<long> supplies, Span<long> demands, Span<double> shift, SpanningTree tree, ExactScratch scratch, CancellationToken cancellation)
        where TRows : struct, ICostRows
    {
        int n = rows.Rows;
        int nodes = n + rows.Columns;
        FlowForest forest = new(nodes, scratch);
        for (int i = 0; i < n; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            while (supplies[i] > 0)
            {
                double price = CostRowsOperations.Minimum(rows, i, shift, 0);
                int j = double.IsFinite(price) ? CostRowsOperations.IndexOf(rows, i, shift, 0, price) : FirstWithDemand(demands);
                forest.Send(i, n + j, ref supplies[i], ref demands[j]);
                if (demands[j] == 0)
                    shift[j] = double.PositiveInfinity;
            }
        }

        // Arcs without flow must point up: each further tree hangs by a source under some sink.
        tree.Reset(n, nodes, root: 0);
        forest.Grow(0, tree);
        int anchor = forest.FirstNeighbour(0);
        for (int i = 1; i < n; i++)
        {
            if (!forest.IsGrown(i))
                forest.Hang(i, anchor, 0, tree);
        }

        tree.Complete();
    }

    /// <summary>A basis under an artificial root, which takes what the arcs cannot carry, for sparse costs.</summary>
    /// <param name="arcs">The arcs.</param>
    /// <param name="supplies">Units of the sources, positive; what is left at the end hangs under the root.</param>
    /// <param name="demands">Units of the sinks, positive, of the same total; likewise.</param>
    /// <param name="shift">-g of the sinks, added to their costs.</param>
    /// <param name="tree">Receives the basis; its root is node n + m.</param>
    /// <param name="scratch">Arrays reused between problems.</param>
    /// <param name="cancellation">Watched at every row.</param>
    public static void Build(
        in SparseArcs arcs,
        Span<long> supplies,
        Span<long> demands,
        ReadOnlySpan<double> shift,
        SpanningTree tree,
        ExactScratch scratch,
        CancellationToken cancellation)
    {
        int n = arcs.Sources;
        int root = n + arcs.Sinks;
        FlowForest forest = new(root, scratch);
        for (int i = 0; i < n; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int degree = arcs.Degree(i);
            Span<double> prices = scratch.Prices(degree);
            Span<int> order = scratch.Order(degree);
            for (int k = 0; k < degree; k++)
            {
                order[k] = arcs.Sink(i, k);
                prices[k] = arcs.Cost(i, k) + shift[order[k]];
            }

            prices.Sort(order);
            for (int k = 0; k < degree && supplies[i] > 0; k++)
            {
                if (demands[order[k]] > 0)
                    forest.Send(i, n + order[k], ref supplies[i], ref demands[order[k]]);
            }
        }

        tree.Reset(n, root + 1, root);
        for (int j = 0; j < arcs.Sinks; j++)
        {
            if (demands[j] > 0)
                forest.Hang(n + j, root, demands[j], tree);
        }

        // Sources with supply left first: a component without any may hang by any of its sources.
        for (int i = 0; i < n; i++)
        {
            if (supplies[i] > 0)
                forest.Hang(i, root, supplies[i], tree);
        }

        for (int i = 0; i < n; i++)
        {
            if (!forest.IsGrown(i))
                forest.Hang(i, root, 0, tree);
        }

        tree.Complete();
    }

    /// <summary>Costs that overflowed to infinity cannot be compared; any sink will do, and the status will tell.</summary>
    private static int FirstWithDemand(ReadOnlySpan<long> demands) => demands.IndexOfAnyExcept(0);
}

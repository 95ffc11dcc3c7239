namespace OtEngine;

/// <summary>
/// A first basis for complete bipartite costs, without artificial arcs: every source in turn sends its mass along its
/// cheapest arcs (reduced by potentials of the sinks) to sinks with demand left. The arcs that carry flow form a
/// forest; its trees are joined by arcs without flow that point up, which makes the basis strongly feasible.
/// </summary>
internal static class GreedyBasis
{
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
        int m = rows.Columns;
        int nodes = n + m;
        Span<int> heads = scratch.Heads(nodes);
        Span<ForestArc> arcs = scratch.ForestArcs(2 * nodes);
        heads.Fill(-1);
        int arcCount = 0;
        for (int i = 0; i < n; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            while (supplies[i] > 0)
            {
                double price = CostRowsOperations.Minimum(rows, i, shift, 0);
                int j = double.IsFinite(price) ? CostRowsOperations.IndexOf(rows, i, shift, 0, price) : FirstWithDemand(demands);
                long flow = Math.Min(supplies[i], demands[j]);
                supplies[i] -= flow;
                demands[j] -= flow;
                Link(heads, arcs, ref arcCount, i, n + j, flow);
                Link(heads, arcs, ref arcCount, n + j, i, flow);
                if (demands[j] == 0)
                    shift[j] = double.PositiveInfinity;
            }
        }

        tree.Reset(n, nodes, root: 0);
        Span<int> queue = scratch.Queue(nodes);
        Span<bool> visited = scratch.Visited(nodes);
        visited.Clear();
        int anchor = -1;
        for (int i = 0; i < n; i++)
        {
            if (visited[i])
                continue;
            if (anchor >= 0)
                tree.Append(i, anchor, 0);
            Grow(i, heads, arcs, queue, visited, tree);
            if (anchor < 0)
                anchor = arcs[heads[0]].Node;
        }

        tree.Complete();
    }

    /// <summary>Costs that overflowed to infinity cannot be compared; any sink will do, and the status will tell.</summary>
    private static int FirstWithDemand(ReadOnlySpan<long> demands) => demands.IndexOfAnyExcept(0);

    private static void Link(Span<int> heads, Span<ForestArc> arcs, ref int count, int from, int to, long flow)
    {
        arcs[count] = new ForestArc(to, heads[from], flow);
        heads[from] = count++;
    }

    /// <summary>Hangs everything that flow connects to a source below it.</summary>
    private static void Grow(int top, ReadOnlySpan<int> heads, ReadOnlySpan<ForestArc> arcs, Span<int> queue, Span<bool> visited, SpanningTree tree)
    {
        int read = 0;
        int written = 0;
        queue[written++] = top;
        visited[top] = true;
        while (read < written)
        {
            int node = queue[read++];
            for (int arc = heads[node]; arc >= 0; arc = arcs[arc].Next)
            {
                int other = arcs[arc].Node;
                if (visited[other])
                    continue;
                visited[other] = true;
                tree.Append(other, node, arcs[arc].Flow);
                queue[written++] = other;
            }
        }
    }
}

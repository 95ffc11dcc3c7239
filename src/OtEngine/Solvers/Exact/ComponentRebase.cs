namespace OtEngine;

/// <summary>
/// Optimal potentials that are no larger than the costs demand. The arcs with flow fix the potentials inside each
/// component they connect; between components the basis has arcs without flow, and following those may add costs (of
/// 1e32, say) that drown all others. Instead each component is shifted as a whole, as little as feasibility asks:
/// s_p - s_q &lt;= min (C_ij - f_i - g_j) over i in p, j in q, a system of difference constraints solved by Bellman-Ford.
/// </summary>
internal static class ComponentRebase
{
    private const int MostRounds = 1000;

    /// <summary>Bounds violated by less than this share of the numbers they come from count as met.</summary>
    private const double Rounding = 4.0 / (1L << 52);

    /// <param name="arcs">The arcs.</param>
    /// <param name="tree">The optimal basis.</param>
    /// <param name="u">Receives the node values: f on sources, -g on sinks.</param>
    /// <param name="cancellation">Watched at every row.</param>
    /// <returns>False if the constraints contradict each other, which proves the flow not optimal, or take too long.</returns>
    public static bool TryApply<TArcs>(in TArcs arcs, SpanningTree tree, Span<double> u, CancellationToken cancellation)
        where TArcs : struct, ITierArcs
    {
        int n = arcs.Sources;
        int[] componentOf = new int[tree.Count];
        int components = Split(arcs, tree, u, componentOf);
        double[] shifts = new double[components];
        for (int round = 0; round < Math.Min(components + 1, MostRounds); round++)
        {
            bool changed = false;
            for (int i = 0; i < n; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                changed |= Relax(arcs, i, u, componentOf, shifts);
            }

            if (changed)
                continue;
            for (int node = 0; node < n + arcs.Sinks; node++)
                u[node] += shifts[componentOf[node]];
            return true;
        }

        return false;
    }

    /// <summary>Numbers the components of positive flow, and sets the values inside each from its arcs.</summary>
    private static int Split<TArcs>(in TArcs arcs, SpanningTree tree, Span<double> u, int[] componentOf)
        where TArcs : struct, ITierArcs
    {
        int n = arcs.Sources;
        int artificial = n + arcs.Sinks;
        int count = 0;
        int node = tree.Root;
        do
        {
            int parent = tree.Parent(node);
            if (parent < 0 || parent == artificial || tree.Flow(node) == 0)
            {
                componentOf[node] = count++;
                u[node] = 0;
            }
            else
            {
                componentOf[node] = componentOf[parent];
                u[node] = node < n ? u[parent] + arcs.CostBetween(node, parent - n) : u[parent] - arcs.CostBetween(parent, node - n);
            }

            node = tree.Preorder[node];
        }
        while (node != tree.Root);
        return count;
    }

    private static bool Relax<TArcs>(in TArcs arcs, int source, ReadOnlySpan<double> u, int[] componentOf, double[] shifts)
        where TArcs : struct, ITierArcs
    {
        int n = arcs.Sources;
        int component = componentOf[source];
        double shift = shifts[component];
        int degree = arcs.Degree(source);
        for (int k = 0; k < degree; k++)
        {
            int sink = n + arcs.Sink(source, k);
            if (componentOf[sink] == component)
                continue;
            double cost = arcs.Cost(source, k);
            double bound = shifts[componentOf[sink]] + (cost - u[source] + u[sink]);
            double noise = Rounding * (Math.Abs(cost) + Math.Abs(u[source] + shift) + Math.Abs(u[sink] + shifts[componentOf[sink]]));
            if (bound < shift - noise)
                shift = bound;
        }

        bool changed = shift != shifts[component];
        shifts[component] = shift;
        return changed;
    }
}

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

    private readonly ref struct Components(int[] ofNode, double[] shifts, double[] floors)
    {
        public int[] OfNode { get; } = ofNode;

        public double[] Shifts { get; } = shifts;

        /// <summary>By component: what rounding may have done to its values, whose paths may cross huge costs and come back.</summary>
        public double[] Floors { get; } = floors;
    }

    /// <param name="arcs">The arcs.</param>
    /// <param name="tree">The optimal basis.</param>
    /// <param name="u">Receives the node values: f on sources, -g on sinks.</param>
    /// <param name="cancellation">Watched at every row.</param>
    /// <param name="violation">Receives the most by which a bound was missed and taken as met beyond the rounding of its own numbers.</param>
    /// <returns>False if the constraints contradict each other, which proves the flow not optimal, or take too long.</returns>
    public static bool TryApply<TArcs>(in TArcs arcs, SpanningTree tree, Span<double> u, CancellationToken cancellation, out double violation)
        where TArcs : struct, ITierArcs
    {
        int n = arcs.Sources;
        violation = 0;
        int[] componentOf = new int[tree.Count];
        double[] floors = new double[Split(arcs, tree, u, componentOf)];
        for (int node = 0; node < n + arcs.Sinks; node++)
            floors[componentOf[node]] = Math.Max(floors[componentOf[node]], IPricer.PathRounding * Math.Abs(u[node]));
        Components components = new(componentOf, new double[floors.Length], floors);
        for (int round = 0; round < Math.Min(floors.Length + 1, MostRounds); round++)
        {
            bool changed = false;
            violation = 0;
            for (int i = 0; i < n; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!TryRelax(arcs, i, u, components, ref changed, ref violation))
                    return false;
            }

            if (changed)
                continue;
            for (int node = 0; node < n + arcs.Sinks; node++)
                u[node] += components.Shifts[componentOf[node]];
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

    /// <summary>Lowers the shift of a source's component as its arcs demand; false if an arc inside the component is violated, which no shift mends.</summary>
    private static bool TryRelax<TArcs>(
        in TArcs arcs, int source, ReadOnlySpan<double> u, in Components components, ref bool changed, ref double violation)
        where TArcs : struct, ITierArcs
    {
        int n = arcs.Sources;
        int own = components.OfNode[source];
        double shift = components.Shifts[own];
        int degree = arcs.Degree(source);
        for (int k = 0; k < degree; k++)
        {
            int sink = n + arcs.Sink(source, k);
            int other = components.OfNode[sink];
            double otherShift = components.Shifts[other];
            double cost = arcs.Cost(source, k);
            double bound = otherShift + (cost - u[source] + u[sink]);
            if (bound >= shift)
                continue;
            double noise = Rounding * (Math.Abs(cost) + Math.Abs(u[source] + shift) + Math.Abs(u[sink] + otherShift));
            if (bound >= shift - noise)
                continue;
            if (bound >= shift - noise - components.Floors[own] - components.Floors[other])
            {
                violation = Math.Max(violation, shift - bound);
                continue;
            }

            if (other == own)
                return false;
            shift = bound;
        }

        changed |= shift != components.Shifts[own];
        components.Shifts[own] = shift;
        return true;
    }
}

namespace OtEngine;

/// <summary>
/// Potentials in two tiers: huge costs (above a threshold, and those of artificial arcs) are summed in one double, all
/// others in a second. On a path that crosses the same huge arcs the first parts cancel exactly, so that an arc of cost
/// 1e32 without flow does not drown costs of order one. Slower than <see cref="PlainPricer{TRows}"/>, and needed rarely.
/// </summary>
internal struct TieredPricer<TArcs> : IPricer
    where TArcs : struct, ITierArcs
{
    private readonly TArcs _arcs;
    private readonly double _threshold;
    private readonly double _artificialCost;
    private readonly double[] _huge;
    private readonly double[] _plain;
    private double _hugeFloor;
    private double _plainFloor;

    /// <param name="arcs">The arcs.</param>
    /// <param name="threshold">Costs above it in magnitude go to the first tier; infinite if only artificial ones do.</param>
    /// <param name="artificialCost">A power of two that no path of real arcs can outweigh.</param>
    /// <param name="huge">First tier of the node values u: f = u on sources, g = -u on sinks.</param>
    /// <param name="plain">Second tier.</param>
    public TieredPricer(TArcs arcs, double threshold, double artificialCost, double[] huge, double[] plain)
    {
        _arcs = arcs;
        _threshold = threshold;
        _artificialCost = artificialCost;
        _huge = huge;
        _plain = plain;
    }

    public readonly int Rows => _arcs.Sources;

    public readonly int ArcsPerRow => (int)(_arcs.Count / _arcs.Sources);

    public readonly double Price(int source) => Cheapest(source).Price;

    public readonly int FindSink(int source, double price) => Cheapest(source).Sink;

    public void Recompute(SpanningTree tree)
    {
        int root = tree.Root;
        _huge[root] = 0;
        _plain[root] = 0;
        _hugeFloor = 0;
        _plainFloor = 0;
        ReadOnlySpan<int> preorder = tree.Preorder;
        for (int node = preorder[root]; node != root; node = preorder[node])
            FromParent(tree, node);
    }

    public void Shift(SpanningTree tree, int top, int source, int sink)
    {
        if (double.IsPositiveInfinity(_threshold))
        {
            // Sums of a few artificial costs, a power of two, are exact: shifting keeps equal values equal bit by bit.
            int other = _arcs.Sources + sink;
            double sign = top == source ? 1 : -1;
            double huge = _huge[other] - _huge[source];
            double cost = _arcs.CostBetween(source, sink);
            double plain = cost - _plain[source] + _plain[other];
            _plainFloor = Math.Max(_plainFloor, IPricer.Floor(Math.Abs(cost) + Math.Abs(_plain[source]) + Math.Abs(_plain[other])));
            if (huge != 0)
                tree.AddToSubtree(top, _huge, sign * huge);
            tree.AddToSubtree(top, _plain, sign * plain);
            return;
        }

        // Sums of huge costs are not, so the values are computed anew from the parents.
        ReadOnlySpan<int> preorder = tree.Preorder;
        int node = top;
        for (int k = tree.Size(top); k > 0; k--)
        {
            FromParent(tree, node);
            node = preorder[node];
        }
    }

    private void FromParent(SpanningTree tree, int node)
    {
        int n = _arcs.Sources;
        int parent = tree.Parent(node);
        int artificial = n + _arcs.Sinks;
        bool isSource = node < n;
        double cost = parent == artificial ? _artificialCost
            : isSource ? _arcs.CostBetween(node, parent - n)
            : _arcs.CostBetween(parent, node - n);
        if (!isSource)
            cost = -cost;
        bool isHuge = parent == artificial || Math.Abs(cost) > _threshold;
        _huge[node] = _huge[parent] + (isHuge ? cost : 0);
        _plain[node] = _plain[parent] + (isHuge ? 0 : cost);
        _hugeFloor = Math.Max(_hugeFloor, IPricer.Floor(Math.Abs(_huge[node])));
        _plainFloor = Math.Max(_plainFloor, IPricer.Floor(Math.Abs(_plain[node])));
    }

    private readonly (double Price, int Sink) Cheapest(int source)
    {
        int n = _arcs.Sources;
        double huge = _huge[source];
        double plain = _plain[source];
        double best = double.PositiveInfinity;
        int sink = -1;
        int degree = _arcs.Degree(source);
        for (int k = 0; k < degree; k++)
        {
            int j = _arcs.Sink(source, k);
            double cost = _arcs.Cost(source, k);
            bool isHuge = Math.Abs(cost) > _threshold;
            double hugeCost = isHuge ? cost : 0;
            double plainCost = isHuge ? 0 : cost;
            double noise = IPricer.Slack * (Math.Abs(hugeCost) + Math.Abs(huge));
            double hugePart = hugeCost - huge + _huge[n + j];
            hugePart = Math.Abs(hugePart) <= noise ? 0 : hugePart + _hugeFloor;
            double price = hugePart + (plainCost - plain + _plain[n + j]) + (IPricer.Slack * (Math.Abs(plainCost) + Math.Abs(plain))) + _plainFloor;
            if (price < best)
                (best, sink) = (price, j);
        }

        return (best, sink);
    }
}

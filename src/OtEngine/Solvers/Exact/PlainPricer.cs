namespace OtEngine;

/// <summary>
/// Potentials as plain doubles: one value u a node, f_i = u_i on sources and g_j = -u_(n+j) on sinks, so that a subtree
/// moves by one addition a node. f_i + g_j = C_ij on the tree. Right whenever the costs along a tree path have
/// comparable magnitudes; <see cref="TieredPricer{TArcs}"/> is for the rest.
/// </summary>
internal struct PlainPricer<TRows> : IPricer
    where TRows : struct, ICostRows
{
    private readonly TRows _rows;
    private readonly double[] _u;

    /// <summary>What rounding may have done to any value: a path through a huge cost and back leaves small values with its error.</summary>
    private double _floor;

    /// <param name="rows">The costs.</param>
    /// <param name="u">Receives the node values; n + m elements or more.</param>
    public PlainPricer(TRows rows, double[] u)
    {
        _rows = rows;
        _u = u;
    }

    public readonly int Rows => _rows.Rows;

    public readonly int ArcsPerRow => _rows.Columns;

    private readonly ReadOnlySpan<double> Sinks => _u.AsSpan(_rows.Rows, _rows.Columns);

    public readonly double Price(int source) =>
        CostRowsOperations.Minimum(_rows, source, Sinks, IPricer.Slack) - RowShift(source);

    /// <summary>f of a source, less its share of the slack and the rounding of values.</summary>
    public readonly double RowShift(int source) => _u[source] - (IPricer.Slack * Math.Abs(_u[source])) - _floor;

    public readonly int FindSink(int source, double price) =>
        CostRowsOperations.IndexOf(_rows, source, Sinks, IPricer.Slack, CostRowsOperations.Minimum(_rows, source, Sinks, IPricer.Slack));

    public void Recompute(SpanningTree tree)
    {
        int n = _rows.Rows;
        int root = tree.Root;
        _u[root] = 0;
        double largest = 0;
        for (int node = tree.Preorder[root]; node != root; node = tree.Preorder[node])
        {
            int parent = tree.Parent(node);
            _u[node] = node < n ? _rows.Cost(node, parent - n) + _u[parent] : _u[parent] - _rows.Cost(parent, node - n);
            largest = Math.Max(largest, Math.Abs(_u[node]));
        }

        _floor = IPricer.Floor(largest);
    }

    public void Shift(SpanningTree tree, int top, int source, int sink)
    {
        double cost = _rows.Cost(source, sink);
        double f = _u[source];
        double g = _u[_rows.Rows + sink];
        double reduced = cost - f + g;
        _floor = Math.Max(_floor, IPricer.Floor(Math.Abs(cost) + Math.Abs(f) + Math.Abs(g)));
        double change = top == source ? reduced : -reduced;
        tree.AddToSubtree(top, _u, change);
    }
}

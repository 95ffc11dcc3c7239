namespace OtEngine;

/// <summary>
/// Potentials as plain doubles: one value u a node, f_i = u_i on sources and g_j = -u_(n+j) on sinks, so that a subtree
/// moves by one addition a node. f_i + g_j = C_ij on the tree. Right whenever the costs along a tree path have
/// comparable magnitudes; TieredPricer is for the rest.
/// </summary>
internal readonly struct PlainPricer<TRows> : IPricer
    where TRows : struct, ICostRows
{
    /// <summary>
    /// Reduced costs within this share of |C| + |f| count as zero: above the drift of thousands of potential shifts of
    /// relative size 2^-53, far below the 1e-9 of the certificate. (Where a reduced cost is that small, |g| is at most
    /// |C| + |f|, and needs no share of its own.)
    /// </summary>
    private const double Slack = 1.0 / (1L << 43);

    private readonly TRows _rows;
    private readonly double[] _u;

    /// <param name="rows">The costs.</param>
    /// <param name="u">Receives the node values; n + m elements or more.</param>
    public PlainPricer(TRows rows, double[] u)
    {
        _rows = rows;
        _u = u;
    }

    public int Rows => _rows.Rows;

    public int ArcsPerRow => _rows.Columns;

    private ReadOnlySpan<double> Sinks => _u.AsSpan(_rows.Rows, _rows.Columns);

    public double Price(int source) =>
        CostRowsOperations.Minimum(_rows, source, Sinks, Slack) - (_u[source] - (Slack * Math.Abs(_u[source])));

    public int FindSink(int source, double price) =>
        CostRowsOperations.IndexOf(_rows, source, Sinks, Slack, CostRowsOperations.Minimum(_rows, source, Sinks, Slack));

    public void Recompute(SpanningTree tree)
    {
        int n = _rows.Rows;
        int root = tree.Root;
        _u[root] = 0;
        for (int node = tree.Preorder[root]; node != root; node = tree.Preorder[node])
        {
            int parent = tree.Parent(node);
            _u[node] = node < n ? _rows.Cost(node, parent - n) + _u[parent] : _u[parent] - _rows.Cost(parent, node - n);
        }
    }

    public void Shift(SpanningTree tree, int top, int source, int sink)
    {
        double reduced = _rows.Cost(source, sink) - _u[source] + _u[_rows.Rows + sink];
        double change = top == source ? reduced : -reduced;
        tree.AddToSubtree(top, _u, change);
    }
}

using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// The potentials of a <see cref="PlainPricer{TRows}"/>, priced over the candidate arcs alone, by the same rule. Tree arcs
/// need not be candidates.
/// </summary>
internal struct CandidatePricer<TRows> : IPricer
    where TRows : struct, ICostRows
{
    private readonly ArcTable _arcs;
    private readonly double[] _u;
    private readonly int _columns;
    private PlainPricer<TRows> _plain;

    /// <param name="rows">The costs.</param>
    /// <param name="arcs">The candidates, a list a source.</param>
    /// <param name="u">Receives the node values; n + m elements or more.</param>
    public CandidatePricer(TRows rows, ArcTable arcs, double[] u)
    {
        _arcs = arcs;
        _u = u;
        _columns = rows.Columns;
        _plain = new PlainPricer<TRows>(rows, u);
    }

    public readonly int Rows => _arcs.Lists;

    public readonly int ArcsPerRow => Math.Max(1, _arcs.Count / _arcs.Lists);

    public readonly double Price(int source) => Cheapest(source).Price - _plain.RowShift(source);

    public readonly int FindSink(int source, double price) => Cheapest(source).Sink;

    public void Recompute(SpanningTree tree) => _plain.Recompute(tree);

    public void Shift(SpanningTree tree, int top, int source, int sink) => _plain.Shift(tree, top, source, sink);

    /// <summary>What <see cref="Price"/> takes off a source's cheapest arc: f, less its share of rounding.</summary>
    public readonly double RowShift(int source) => _plain.RowShift(source);

    private readonly (double Price, int Sink) Cheapest(int source)
    {
        ReadOnlySpan<int> sinks = _arcs.EndsOf(source);
        ReadOnlySpan<double> costs = _arcs.CostsOf(source);
        ReadOnlySpan<double> shift = _u.AsSpan(_arcs.Lists, _columns);
        double best = double.PositiveInfinity;
        int sink = -1;
        for (int k = 0; k < sinks.Length; k++)
        {
            double price = Math.FusedMultiplyAdd(Math.Abs(costs[k]), IPricer.Slack, costs[k]) + shift[sinks[k]];
            if (price < best)
                (best, sink) = (price, sinks[k]);
        }

        return (best, sink);
    }
}

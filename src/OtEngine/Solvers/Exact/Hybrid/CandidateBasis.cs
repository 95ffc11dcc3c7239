using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// A first basis from entropic potentials. Where eps is small the arcs of large entropic mass are nearly a forest, and a
/// leaf of it leaves no choice: so leaves are served first, as long as there are any, then the arc that carries the largest
/// share of the smaller of its ends. What remains goes the cheapest way left.
/// </summary>
internal ref struct CandidateBasis<T, TRows>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TRows : struct, ICostRows
{
    /// <summary>Passes that look for arcs for what is left: each finds sixteen for every source.</summary>
    private const int MostPasses = 16;

    private readonly ArcPasses<T>? _passes;
    private readonly TRows _rows;
    private readonly CandidateArcs _arcs;
    private readonly ReadOnlySpan<double> _f;
    private readonly ReadOnlySpan<double> _g;
    private readonly Span<long> _supplies;
    private readonly Span<long> _demands;
    private readonly FlowForest _forest;
    private readonly CancellationToken _cancellation;

    /// <param name="rows">The costs.</param>
    /// <param name="passes">Passes over all pairs where a remote backend makes them; null where the rows are read for that.</param>
    /// <param name="arcs">The candidates, listed by sink too.</param>
    /// <param name="f">Potentials of the sources.</param>
    /// <param name="g">Potentials of the sinks.</param>
    /// <param name="supplies">Units of the sources, positive; used up.</param>
    /// <param name="demands">Units of the sinks, positive, of the same total; used up.</param>
    /// <param name="scratch">Arrays reused between problems.</param>
    /// <param name="cancellation">Watched while rows are scanned.</param>
    public CandidateBasis(
        in TRows rows,
        ArcPasses<T>? passes,
        CandidateArcs arcs,
        ReadOnlySpan<double> f,
        ReadOnlySpan<double> g,
        Span<long> supplies,
        Span<long> demands,
        ExactScratch scratch,
        CancellationToken cancellation)
    {
        _rows = rows;
        _passes = passes;
        _arcs = arcs;
        _f = f;
        _g = g;
        _supplies = supplies;
        _demands = demands;
        _forest = new FlowForest(rows.Rows + rows.Columns, scratch);
        _cancellation = cancellation;
    }

    /// <param name="scores">By candidate arc, -eps log of its share of the smaller of its ends.</param>
    /// <param name="strong">Arcs with a score up to this are served first.</param>
    /// <param name="tree">Receives the basis.</param>
    public void Build(ReadOnlySpan<double> scores, double strong, SpanningTree tree)
    {
        new LeafFirst(_arcs.BySource, _demands.Length, scores, strong).Serve(_forest, _supplies, _demands);
        ServeCandidates();
        if (_passes is null)
            ServeAnything();
        else
            ServeAnything(_passes);
        Hang(tree);
    }

    /// <summary>What is left, along candidate arcs, those of the lowest reduced cost first.</summary>
    private readonly void ServeCandidates()
    {
        List<double> prices = [];
        List<(int Source, int Sink)> ends = [];
        for (int i = 0; i < _supplies.Length; i++)
        {
            if (_supplies[i] == 0)
                continue;
            ReadOnlySpan<int> sinks = _arcs.BySource.EndsOf(i);
            ReadOnlySpan<double> costs = _arcs.BySource.CostsOf(i);
            for (int k = 0; k < sinks.Length; k++)
            {
                if (_demands[sinks[k]] == 0)
                    continue;
                prices.Add(costs[k] - _f[i] - _g[sinks[k]]);
                ends.Add((i, sinks[k]));
            }
        }

        (int Source, int Sink)[] order = [.. ends];
        Array.Sort([.. prices], order);
        foreach ((int i, int j) in order)
        {
            if (_supplies[i] > 0 && _demands[j] > 0)
                _forest.Send(i, _supplies.Length + j, ref _supplies[i], ref _demands[j]);
        }
    }

    /// <summary>What is left after that, along the arcs that passes find, and what no arc was found for in the order of the atoms.</summary>
    private readonly void ServeAnything(ArcPasses<T> passes)
    {
        ArcLists lists = new();
        double[] rowShift = new double[_supplies.Length], columnShift = new double[_demands.Length];
        double[] prices = new double[ArcPrices.Most];
        int[] sinks = new int[ArcPrices.Most];
        for (int pass = 0; pass < MostPasses && _supplies.ContainsAnyExcept(0); pass++)
        {
            for (int i = 0; i < rowShift.Length; i++)
                rowShift[i] = _supplies[i] > 0 ? _f[i] : double.NegativeInfinity;
            for (int j = 0; j < columnShift.Length; j++)
                columnShift[j] = _demands[j] > 0 ? -_g[j] : double.PositiveInfinity;
            passes.Lowest(TransportSide.A, rowShift, columnShift, 0, double.PositiveInfinity, ArcPrices.Most, lists);
            for (int i = 0; i < rowShift.Length; i++)
            {
                lists.CopySorted(i, prices, sinks);
                for (int k = 0; k < sinks.Length && sinks[k] >= 0 && _supplies[i] > 0; k++)
                {
                    if (_demands[sinks[k]] > 0)
                        _forest.Send(i, _supplies.Length + sinks[k], ref _supplies[i], ref _demands[sinks[k]]);
                }
            }
        }

        int sink = 0;
        for (int i = 0; i < _supplies.Length; i++)
        {
            while (_supplies[i] > 0)
            {
                while (_demands[sink] == 0)
                    sink++;
                _forest.Send(i, _supplies.Length + sink, ref _supplies[i], ref _demands[sink]);
            }
        }
    }

    /// <summary>What is left after that, source by source to the sinks of the lowest reduced cost.</summary>
    private readonly void ServeAnything()
    {
        double[] shift = new double[_demands.Length];
        for (int j = 0; j < shift.Length; j++)
            shift[j] = _demands[j] > 0 ? -_g[j] : double.PositiveInfinity;
        for (int i = 0; i < _supplies.Length; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            while (_supplies[i] > 0)
            {
                double price = CostRowsOperations.Minimum(_rows, i, shift, 0);
                int j = double.IsFinite(price) ? CostRowsOperations.IndexOf(_rows, i, shift, 0, price) : _demands.IndexOfAnyExcept(0);
                _forest.Send(i, _supplies.Length + j, ref _supplies[i], ref _demands[j]);
                if (_demands[j] == 0)
                    shift[j] = double.PositiveInfinity;
            }
        }
    }

    /// <summary>
    /// Arcs without flow must point up: each further component hangs by a source under a sink of the tree, by the arc of the
    /// lowest reduced cost among the candidates that lead there, so that the potentials of the basis are close to those given.
    /// </summary>
    private readonly void Hang(SpanningTree tree)
    {
        int n = _supplies.Length;
        int nodes = n + _demands.Length;
        tree.Reset(n, nodes, root: 0);
        PriorityQueue<(int Source, int Sink), double> queue = new();
        ReadOnlySpan<int> grown = _forest.Grow(0, tree);
        int left = nodes - grown.Length;
        int anchor = _forest.FirstNeighbour(0);
        int unseen = 1;
        while (left > 0)
        {
            foreach (int node in grown)
                Offer(node, queue);
            (int Source, int Sink) arc = default;
            bool found = false;
            while (!found && queue.TryDequeue(out arc, out _))
                found = !_forest.IsGrown(arc.Source);
            if (!found)
            {
                while (_forest.IsGrown(unseen))
                    unseen++;
                arc = (unseen, anchor);
            }

            grown = _forest.Hang(arc.Source, arc.Sink, 0, tree);
            left -= grown.Length;
        }

        tree.Complete();
    }

    private readonly void Offer(int node, PriorityQueue<(int Source, int Sink), double> queue)
    {
        int j = node - _supplies.Length;
        if (j < 0)
            return;
        ReadOnlySpan<int> sources = _arcs.BySink.EndsOf(j);
        ReadOnlySpan<double> costs = _arcs.BySink.CostsOf(j);
        for (int k = 0; k < sources.Length; k++)
        {
            if (!_forest.IsGrown(sources[k]))
                queue.Enqueue((sources[k], node), costs[k] - _f[sources[k]] - _g[j]);
        }
    }
}

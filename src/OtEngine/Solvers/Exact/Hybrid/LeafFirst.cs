using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Sends flow along strong arcs: whenever a node has one neighbour left, it is served there; if there is none such, the
/// strongest arc left is used. Every send uses up one end, so that the arcs used are a forest.
/// </summary>
internal readonly ref struct LeafFirst
{
    private readonly int _sources;
    private readonly int[] _starts;
    private readonly int[] _neighbours;
    private readonly int[] _degrees;
    private readonly bool[] _dead;
    private readonly (int Source, int Sink)[] _strongest;
    private readonly Stack<int> _leaves = new();

    /// <param name="arcs">The arcs of each source.</param>
    /// <param name="sinks">How many sinks there are.</param>
    /// <param name="scores">One an arc; low is strong.</param>
    /// <param name="strong">Arcs with higher scores are not used.</param>
    public LeafFirst(ArcTable arcs, int sinks, ReadOnlySpan<double> scores, double strong)
    {
        _sources = arcs.Lists;
        int nodes = _sources + sinks;
        _starts = new int[nodes + 2];
        _degrees = new int[nodes];
        _dead = new bool[nodes];
        int count = 0;
        for (int i = 0; i < _sources; i++)
        {
            for (int k = arcs.Starts[i]; k < arcs.Starts[i + 1]; k++)
            {
                if (!(scores[k] <= strong))
                    continue;
                count++;
                _degrees[i]++;
                _degrees[_sources + arcs.Ends[k]]++;
            }
        }

        for (int node = 0; node < nodes; node++)
            _starts[node + 2] = _starts[node + 1] + _degrees[node];
        _neighbours = new int[2 * count];
        _strongest = new (int, int)[count];
        double[] keys = new double[count];
        count = 0;
        for (int i = 0; i < _sources; i++)
        {
            for (int k = arcs.Starts[i]; k < arcs.Starts[i + 1]; k++)
            {
                if (!(scores[k] <= strong))
                    continue;
                int sink = _sources + arcs.Ends[k];
                _neighbours[_starts[i + 1]++] = sink;
                _neighbours[_starts[sink + 1]++] = i;
                keys[count] = scores[k];
                _strongest[count++] = (i, sink);
            }
        }

        Array.Sort(keys, _strongest);
        for (int node = nodes - 1; node >= 0; node--)
        {
            if (_degrees[node] == 1)
                _leaves.Push(node);
        }
    }

    public void Serve(in FlowForest forest, Span<long> supplies, Span<long> demands)
    {
        int next = 0;
        while (true)
        {
            while (_leaves.TryPop(out int leaf))
            {
                if (_dead[leaf] || _degrees[leaf] != 1)
                    continue;
                int other = LiveNeighbour(leaf);
                Send(Math.Min(leaf, other), Math.Max(leaf, other), forest, supplies, demands);
            }

            while (next < _strongest.Length && (_dead[_strongest[next].Source] || _dead[_strongest[next].Sink]))
                next++;
            if (next == _strongest.Length)
                return;
            Send(_strongest[next].Source, _strongest[next].Sink, forest, supplies, demands);
        }
    }

    private int LiveNeighbour(int node)
    {
        int k = _starts[node];
        while (_dead[_neighbours[k]])
            k++;
        return _neighbours[k];
    }

    private void Send(int source, int sink, in FlowForest forest, Span<long> supplies, Span<long> demands)
    {
        ref long supply = ref supplies[source];
        ref long demand = ref demands[sink - _sources];
        forest.Send(source, sink, ref supply, ref demand);
        if (supply == 0)
            Kill(source);
        if (demand == 0)
            Kill(sink);
    }

    private void Kill(int node)
    {
        _dead[node] = true;
        for (int k = _starts[node]; k < _starts[node + 1]; k++)
        {
            int other = _neighbours[k];
            if (!_dead[other] && --_degrees[other] == 1)
                _leaves.Push(other);
        }
    }
}

namespace OtEngine;

/// <summary>The arcs that carry flow while a first basis is built, as lists of neighbours; then hung into a tree.</summary>
internal readonly ref struct FlowForest
{
    private readonly Span<int> _heads;
    private readonly Span<Entry> _entries;
    private readonly Span<int> _queue;
    private readonly Span<bool> _grown;
    private readonly ref int _count;

    public FlowForest(int nodes, ExactScratch scratch)
    {
        _heads = scratch.Heads(nodes);
        _entries = scratch.ForestEntries(2 * nodes);
        _queue = scratch.Queue(nodes);
        _grown = scratch.Visited(nodes);
        _count = ref scratch.ForestCount;
        _count = 0;
        _heads.Fill(-1);
        _grown.Clear();
    }

    public bool IsGrown(int node) => _grown[node];

    public int FirstNeighbour(int node) => _entries[_heads[node]].Node;

    /// <summary>Sends as much as supply and demand allow.</summary>
    public void Send(int source, int sink, ref long supply, ref long demand)
    {
        long flow = Math.Min(supply, demand);
        supply -= flow;
        demand -= flow;
        Link(source, sink, flow);
        Link(sink, source, flow);
    }

    /// <summary>Appends everything that flow connects to a node, which is in the tree already, below it.</summary>
    /// <returns>The node and all that was appended.</returns>
    public ReadOnlySpan<int> Grow(int top, SpanningTree tree)
    {
        int read = 0;
        int written = 0;
        _queue[written++] = top;
        _grown[top] = true;
        while (read < written)
        {
            int node = _queue[read++];
            for (int entry = _heads[node]; entry >= 0; entry = _entries[entry].Next)
            {
                int other = _entries[entry].Node;
                if (_grown[other])
                    continue;
                _grown[other] = true;
                tree.Append(other, node, _entries[entry].Flow);
                _queue[written++] = other;
            }
        }

        return _queue[..written];
    }

    /// <summary>Hangs a component into the tree by one of its nodes.</summary>
    public ReadOnlySpan<int> Hang(int top, int parent, long flow, SpanningTree tree)
    {
        tree.Append(top, parent, flow);
        return Grow(top, tree);
    }

    private void Link(int from, int to, long flow)
    {
        _entries[_count] = new Entry(to, _heads[from], flow);
        _heads[from] = _count++;
    }

    /// <summary>An entry in a node's list: the other end, the next entry (-1 ends the list), the flow.</summary>
    internal readonly record struct Entry(int Node, int Next, long Flow);
}

namespace OtEngine;

/// <summary>
/// The basis of a transport simplex: a rooted spanning tree over sources 0 .. n-1, sinks n .. n+m-1 and possibly an
/// artificial root n+m, with the flow of the arc from each node to its parent. Arcs run from sources to sinks, so the
/// direction of a tree arc follows from its child: up from a source, down to a sink.
/// </summary>
/// <remarks>
/// The tree is kept strongly feasible (every arc without flow points up), which with integer flows rules out cycling
/// (W. H. Cunningham, A network simplex method, Math. Programming 11, 1976). A subtree is a run of the preorder list
/// <c>next</c>, from its top to <c>last</c>, so that moving it is a few links and visiting it is one chain of loads.
/// </remarks>
internal sealed class SpanningTree
{
    private const int None = -1;
    private int[] _parent = [];
    private int[] _next = [];
    private int[] _previous = [];
    private int[] _last = [];
    private int[] _size = [];
    private long[] _flow = [];

    public int Sources { get; private set; }

    public int Count { get; private set; }

    public int Root { get; private set; }

    /// <summary>Starts a tree that holds its root only; grow it with <see cref="Append"/>, then call <see cref="Complete"/>.</summary>
    public void Reset(int sources, int count, int root)
    {
        Sources = sources;
        Count = count;
        Root = root;
        ExactScratch.Grow(ref _parent, count);
        ExactScratch.Grow(ref _next, count);
        ExactScratch.Grow(ref _previous, count);
        ExactScratch.Grow(ref _last, count);
        ExactScratch.Grow(ref _size, count);
        ExactScratch.Grow(ref _flow, count);
        _parent[root] = None;
        _next[root] = root;
        _previous[root] = root;
        _size[root] = 1;
        _last[root] = root;
    }

    public int Parent(int node) => _parent[node];

    /// <summary>Flow on the arc between a node and its parent, in units.</summary>
    public long Flow(int node) => _flow[node];

    /// <summary>By node, the node after it in preorder; the root follows the last.</summary>
    public ReadOnlySpan<int> Preorder => _next;

    /// <summary>Nodes of the subtree below and including this one.</summary>
    public int Size(int node) => _size[node];

    /// <summary>While building: hangs a single node directly after its parent in preorder.</summary>
    public void Append(int child, int parent, long flow)
    {
        _parent[child] = parent;
        _flow[child] = flow;
        _size[child] = 1;
        _last[child] = child;
        Link(child, _next[parent]);
        Link(parent, child);
    }

    /// <summary>After building: derives sizes and last nodes from the preorder.</summary>
    public void Complete()
    {
        for (int node = _previous[Root]; node != Root; node = _previous[node])
        {
            int parent = _parent[node];
            _size[parent] += _size[node];
            if (_last[parent] == parent)
                _last[parent] = _last[node];
        }
    }

    /// <summary>
    /// Brings the arc (source, sink) into the basis: sends all flow the cycle allows and takes out the last blocking arc
    /// met when the cycle is followed from its apex in the direction of the new arc.
    /// </summary>
    /// <returns>The end of the new arc on the side that was cut off and re-hung under the other end; its subtree needs new potentials.</returns>
    public int Pivot(int source, int sink)
    {
        // Sources lose flow on the way from the new arc's source to the apex, sinks on the way from its sink.
        long sourceFlow = long.MaxValue;
        long sinkFlow = long.MaxValue;
        int sourceOut = None;
        int sinkOut = None;
        int u = source;
        int v = sink;
        while (u != v)
        {
            if (_size[u] < _size[v])
            {
                if (u < Sources && _flow[u] < sourceFlow)
                    (sourceFlow, sourceOut) = (_flow[u], u);
                u = _parent[u];
            }
            else
            {
                if (v >= Sources && _flow[v] <= sinkFlow)
                    (sinkFlow, sinkOut) = (_flow[v], v);
                v = _parent[v];
            }
        }

        int apex = u;
        long flow = Math.Min(sourceFlow, sinkFlow);
        if (flow > 0)
        {
            Augment(source, apex, -flow);
            Augment(sink, apex, flow);
        }

        if (sinkFlow <= sourceFlow)
        {
            Rehang(sink, source, sinkOut, apex, flow);
            return sink;
        }

        Rehang(source, sink, sourceOut, apex, flow);
        return source;
    }

    /// <summary>
    /// Adds a value to every node of a subtree, or takes it from every other node if those are fewer: only differences
    /// between node values mean anything.
    /// </summary>
    public void AddToSubtree(int top, double[] values, double change)
    {
        // From both ends of the run at once: each step waits for one load, and two chains wait side by side. Preorder is a
        // ring, so the rest of the tree is a run as well.
        int[] next = _next;
        int[] previous = _previous;
        int front = top;
        int back = _last[top];
        int size = _size[top];
        if (size > Count - size)
        {
            (front, back) = (next[back], previous[front]);
            size = Count - size;
            change = -change;
        }

        for (int k = size >> 1; k > 0; k--)
        {
            values[front] += change;
            values[back] += change;
            front = next[front];
            back = previous[back];
        }

        if ((size & 1) != 0)
            values[front] += change;
    }

    private void Augment(int from, int apex, long sourceChange)
    {
        for (int node = from; node != apex; node = _parent[node])
            _flow[node] += node < Sources ? sourceChange : -sourceChange;
    }

    /// <summary>
    /// Cuts off the subtree at <paramref name="cut"/>, makes <paramref name="end"/> its top by reversing the path between
    /// them, and hangs it under <paramref name="newParent"/>.
    /// </summary>
    private void Rehang(int end, int newParent, int cut, int apex, long flow)
    {
        int moved = _size[cut];
        int before = _previous[cut];
        int cutLast = _last[cut];
        int oldParent = _parent[cut];
        Link(before, _next[cutLast]);
        for (int node = oldParent; node != None && _last[node] == cutLast; node = _parent[node])
            _last[node] = before;
        for (int node = oldParent; node != apex; node = _parent[node])
            _size[node] -= moved;

        int tail = Reverse(end, cut, newParent, flow);

        Link(tail, _next[newParent]);
        Link(newParent, end);
        for (int node = newParent; node != None && _last[node] == newParent; node = _parent[node])
            _last[node] = tail;
        for (int node = newParent; node != apex; node = _parent[node])
            _size[node] += moved;
    }

    /// <summary>
    /// Reorders a cut-off subtree to the preorder seen from its new top. Each node of the path keeps what hung below it
    /// except the path's part: the run before that part and the run after it are appended in turn.
    /// </summary>
    /// <returns>The last node of the new preorder.</returns>
    private int Reverse(int end, int cut, int newParent, long flow)
    {
        int moved = _size[cut];
        int node = end;
        int nodeSize = _size[node];
        int nodeLast = _last[node];
        int beforeNode = _previous[node];
        int afterNode = _next[nodeLast];
        int tail = nodeLast;
        int above = _parent[node];
        long aboveFlow = _flow[node];
        _parent[node] = newParent;
        _flow[node] = flow;
        _size[node] = moved;
        while (node != cut)
        {
            int child = node;
            node = above;
            int last = _last[node];
            int before = _previous[node];
            int after = last == nodeLast ? afterNode : _next[last];
            Link(tail, node);
            tail = beforeNode;
            if (last != nodeLast)
            {
                Link(tail, afterNode);
                tail = last;
            }

            int size = _size[node];
            _size[node] = moved - nodeSize;
            (above, _parent[node]) = (_parent[node], child);
            (aboveFlow, _flow[node]) = (_flow[node], aboveFlow);
            (nodeSize, nodeLast, beforeNode, afterNode) = (size, last, before, after);
        }

        // The path now runs along the end of the preorder, so all of it shares the last node.
        for (int path = cut; path != newParent; path = _parent[path])
            _last[path] = tail;
        return tail;
    }

    private void Link(int node, int next)
    {
        _next[node] = next;
        _previous[next] = node;
    }
}

namespace OtEngine;

/// <summary>
/// The dual side of a transport simplex: keeps the potentials of the basis and finds arcs that improve it. One
/// implementation for each way of holding potentials; the simplex itself only knows the tree.
/// </summary>
internal interface IPricer
{
    /// <summary>Sources whose arcs are priced.</summary>
    int Rows { get; }

    /// <summary>Arcs a row has on average; sets how many rows make a block.</summary>
    int ArcsPerRow { get; }

    /// <summary>The reduced cost of the most attractive arc of a source, less rounding noise; negative only if it improves the basis.</summary>
    double Price(int source);

    /// <summary>The sink of the arc whose price <see cref="Price"/> returned.</summary>
    int FindSink(int source, double price);

    /// <summary>Computes all potentials from the tree.</summary>
    void Recompute(SpanningTree tree);

    /// <summary>Moves the potentials of a re-hung subtree so that the new arc (source, sink) costs nothing.</summary>
    void Shift(SpanningTree tree, int top, int source, int sink);
}

namespace OtEngine;

/// <summary>
/// The dual side of a transport simplex: keeps the potentials of the basis and finds arcs that improve it. One
/// implementation for each way of holding potentials; the simplex itself only knows the tree.
/// </summary>
internal interface IPricer
{
    /// <summary>
    /// Reduced costs within this share of |C| + |f| count as zero: above the drift of thousands of potential shifts of
    /// relative size 2^-53, far below the 1e-9 of the certificate. (Where a reduced cost is that small, |g| is at most
    /// |C| + |f|, and needs no share of its own.)
    /// </summary>
    const double Slack = 1.0 / (1L << 43);

    /// <summary>The rounding error of a potential, as a share of the largest on its path: 2^-53 an arc, for a hundred arcs.</summary>
    const double PathRounding = 1.0 / (1L << 46);

    /// <summary>Potentials beyond it leave no room for the sums and differences of pricing and of a certificate.</summary>
    const double LargestPotential = double.MaxValue / 8;

    /// <summary>What every price is raised by: the rounding of the largest potential; past all bounds, so that no arc attracts, once potentials overflow.</summary>
    static double Floor(double largest) => largest <= LargestPotential ? PathRounding * largest : double.PositiveInfinity;

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

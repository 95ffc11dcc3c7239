namespace OtEngine;

/// <summary>The arcs a <see cref="TieredPricer{TArcs}"/> prices: some or all pairs of a source and a sink.</summary>
internal interface ITierArcs
{
    int Sources { get; }

    int Sinks { get; }

    /// <summary>Number of arcs.</summary>
    long Count { get; }

    /// <summary>Number of arcs that leave a source.</summary>
    int Degree(int source);

    /// <summary>The sink of the k-th arc of a source.</summary>
    int Sink(int source, int k);

    /// <summary>The cost of the k-th arc of a source.</summary>
    double Cost(int source, int k);

    /// <summary>The cost of the arc between two ends that are known to have one.</summary>
    double CostBetween(int source, int sink);
}

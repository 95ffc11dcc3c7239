namespace OtEngine;

/// <summary>A side of a transport problem.</summary>
public enum TransportSide
{
    /// <summary>Side a: the sources, rows of the cost matrix, weights a, potential f.</summary>
    A,

    /// <summary>Side b: the sinks, columns of the cost matrix, weights b, potential g.</summary>
    B,
}

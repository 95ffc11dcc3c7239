namespace OtEngine;

/// <summary>An entry in a node's list of flow-carrying arcs: the other end, the next entry (-1 ends the list), the flow.</summary>
internal readonly record struct ForestArc(int Node, int Next, long Flow);

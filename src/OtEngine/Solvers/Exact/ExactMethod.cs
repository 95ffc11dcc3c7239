namespace OtEngine;

/// <summary>How <see cref="Exact"/> finds an optimal plan. The optimal cost and its certificate are the same; where several plans are optimal, the plan may differ.</summary>
public enum ExactMethod
{
    /// <summary>The faster one for the size of the problem.</summary>
    Auto,

    /// <summary>A network simplex on all arcs. Sparse geometries always use it.</summary>
    NetworkSimplex,

    /// <summary>Entropic potentials, a network simplex on few arcs, and pricing of all of them until none improves the plan.</summary>
    Hybrid,
}

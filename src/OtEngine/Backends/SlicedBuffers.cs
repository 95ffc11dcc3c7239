using System.Numerics;

namespace OtEngine.Backends;

/// <summary>The memory that the rows of the verb SlicedCost refer to by offsets.</summary>
internal sealed record SlicedBuffers<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Coordinates of clouds, those of one axis together.</summary>
    public required BackendBuffer<T> Points { get; init; }

    /// <summary>Directions, row-major.</summary>
    public required BackendBuffer<T> Directions { get; init; }

    /// <summary>Masses in units.</summary>
    public required BackendBuffer<long> Masses { get; init; }

    /// <summary>Receives a cost a direction.</summary>
    public required BackendBuffer<double> Costs { get; init; }

    /// <summary>Sorted positions of clouds that were sorted before, or are to be kept sorted.</summary>
    public BackendBuffer<T>? Sorted { get; init; }

    /// <summary>The indices that belong to them.</summary>
    public BackendBuffer<int>? SortedOrders { get; init; }

    /// <summary>Receives orders, where they are wanted.</summary>
    public BackendBuffer<int>? Orders { get; init; }

    /// <summary>Receives slopes, where they are wanted.</summary>
    public BackendBuffer<double>? Slopes { get; init; }
}

using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// A fixed cloud of weighted points, projected on all directions of a <see cref="Sliced"/> and sorted once, for distances to many other clouds:
/// <see cref="Engine.SortSliced{T}"/> makes one. Memory: an element and an index for each atom and direction, where the engine computes. Dispose it
/// before its engine.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class SlicedCloud<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    internal SlicedCloud(Sliced solver, T[] directions, T[]? weights, int count, int dimension, Backend backend)
    {
        Solver = solver;
        Directions = directions;
        Weights = weights;
        Count = count;
        Dimension = dimension;
        Backend = backend;
        long all = (long)count * (directions.Length / dimension);
        Sorted = backend.Allocate<T>(all);
        try
        {
            Orders = backend.Allocate<int>(all);
        }
        catch
        {
            Sorted.Dispose();
            throw;
        }
    }

    /// <summary>The options, whose directions were sorted along.</summary>
    public Sliced Solver { get; }

    /// <summary>Points of the cloud.</summary>
    public int Count { get; }

    /// <summary>Coordinates of a point.</summary>
    public int Dimension { get; }

    internal T[] Directions { get; }

    /// <summary>Null where all points weigh the same.</summary>
    internal T[]? Weights { get; }

    internal Backend Backend { get; }

    internal BackendBuffer<T> Sorted { get; }

    internal BackendBuffer<int> Orders { get; }

    internal bool IsDisposed { get; private set; }

    /// <summary>Gives its memory back.</summary>
    public void Dispose()
    {
        IsDisposed = true;
        Sorted.Dispose();
        Orders.Dispose();
    }
}

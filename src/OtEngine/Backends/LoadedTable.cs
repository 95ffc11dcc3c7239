using System.Numerics;

namespace OtEngine.Backends;

/// <summary>A table of problems in the memory of a backend, with whatever that backend keeps of its geometries between verbs.</summary>
internal abstract class LoadedTable<T>(ProblemTable<T> table) : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The table on the host.</summary>
    public ProblemTable<T> Table { get; } = table;

    /// <summary>Takes the weights as they now are in the table; geometries and rows never change.</summary>
    public abstract void Refresh();

    public abstract void Dispose();
}

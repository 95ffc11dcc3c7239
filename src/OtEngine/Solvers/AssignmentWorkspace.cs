using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// Memory that calls of <see cref="Engine.Assign{T}(ReadOnlySpan{T}, int, int, Span{int}, AssignmentWorkspace, Assignment?, CancellationToken)"/>
/// reuse. It grows to the largest problem seen; after that a call allocates nothing. One call at a time may use it.
/// </summary>
public sealed class AssignmentWorkspace : IDisposable
{
    private int _inUse;

    internal AssignmentState State { get; } = new();

    /// <summary>Releases the memory.</summary>
    public void Dispose() => State.Dispose();

    internal void Enter()
    {
        if (Interlocked.Exchange(ref _inUse, 1) != 0)
            throw new InvalidOperationException("The assignment workspace is in use by another call; give each thread its own.");
    }

    internal void Leave() => Volatile.Write(ref _inUse, 0);
}

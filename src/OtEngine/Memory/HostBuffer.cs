using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>Host memory aligned to a cache line, outside the collected heap: no pinning, no moving, no 2^31 limit.</summary>
internal sealed unsafe class HostBuffer<T> : BackendBuffer<T>
    where T : unmanaged
{
    private readonly AlignedMemory _memory;

    public HostBuffer(long length)
        : base(length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        BigInteger bytes = (BigInteger)length * sizeof(T);
        if (bytes > long.MaxValue / 2)
            Throw.Problem(ProblemError.TooLarge, $"A buffer of {length} elements does not fit this machine's address space.");
        _memory = new AlignedMemory((long)bytes);
    }

    /// <summary>The first element; valid until disposal, and the caller keeps within <see cref="BackendBuffer{T}.Length"/>.</summary>
    public T* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory.IsClosed, this);
            return (T*)_memory.DangerousGetHandle();
        }
    }

    /// <summary>Elements from an offset on. In bounds: offset and length are checked against the allocation; valid until disposal.</summary>
    public Span<T> Span(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_memory.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new Span<T>((T*)_memory.DangerousGetHandle() + offset, length);
    }

    public override void CopyFrom(ReadOnlySpan<T> source, long offset) => source.CopyTo(Span(offset, source.Length));

    public override void CopyTo(Span<T> destination, long offset) => Span(offset, destination.Length).CopyTo(destination);

    public override void Dispose() => _memory.Dispose();
}

using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>Elements in device memory. Fresh ones hold whatever was there.</summary>
internal sealed unsafe class CudaBuffer<T> : BackendBuffer<T>
    where T : unmanaged
{
    private readonly CudaRuntime _runtime;
    private readonly ulong _foreign;
    private MemoryHandle? _memory;

    public CudaBuffer(CudaRuntime runtime, long length)
        : base(length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        BigInteger bytes = (BigInteger)length * sizeof(T);
        if (bytes > long.MaxValue / 2)
            Throw.Problem(ProblemError.TooLarge, $"A buffer of {length} elements does not fit any device.");
        _runtime = runtime;
        _memory = length == 0 ? null : runtime.Memory.Take((long)bytes);
    }

    /// <summary>Elements that belong to somebody else; disposal leaves them alone.</summary>
    public CudaBuffer(CudaRuntime runtime, ulong foreign, long length)
        : base(length)
    {
        _runtime = runtime;
        _foreign = foreign;
    }

    /// <summary>The first element; 0 if there is none. Valid until disposal.</summary>
    public ulong Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return _memory is null ? _foreign : (ulong)_memory.Value;
        }
    }

    private bool IsDisposed { get; set; }

    /// <summary>An element's address.</summary>
    public ulong AddressAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        return Address + (ulong)(offset * sizeof(T));
    }

    public override void CopyFrom(ReadOnlySpan<T> source, long offset)
    {
        using StreamLease lease = _runtime.Rent();
        lease.Stream.Upload(source, this, offset);
        lease.Stream.Synchronize();
    }

    public override void CopyTo(Span<T> destination, long offset)
    {
        using StreamLease lease = _runtime.Rent();
        lease.Stream.Download(this, destination, offset);
    }

    public override void Dispose()
    {
        IsDisposed = true;
        if (Interlocked.Exchange(ref _memory, null) is { } memory)
            _runtime.Memory.Give(memory);
    }
}

namespace OtEngine;

/// <summary>Aligned host memory that grows to the largest request and is kept: what a thread works in from problem to problem.</summary>
internal sealed unsafe class ScratchBuffer<T> : IDisposable
    where T : unmanaged
{
    private HostBuffer<T>? _buffer;

    /// <summary>Bytes held.</summary>
    public long Bytes => (_buffer?.Length ?? 0) * sizeof(T);

    /// <summary>At least so many elements, holding anything; valid until the next call or disposal.</summary>
    public T* Take(long length)
    {
        if (_buffer is null || _buffer.Length < length)
        {
            _buffer?.Dispose();
            _buffer = null;
            _buffer = new HostBuffer<T>(length);
        }

        return _buffer.Start;
    }

    public void Dispose()
    {
        _buffer?.Dispose();
        _buffer = null;
    }
}

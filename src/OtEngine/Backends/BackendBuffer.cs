namespace OtEngine.Backends;

/// <summary>
/// A run of elements in the memory of a backend: host memory for the CPU, device memory elsewhere. Only the copies
/// below move data across; verbs reach the elements through their own backend's buffer type.
/// </summary>
internal abstract class BackendBuffer<T>(long length) : IDisposable
    where T : unmanaged
{
    public long Length { get; } = length;

    public abstract void CopyFrom(ReadOnlySpan<T> source, long offset);

    public abstract void CopyTo(Span<T> destination, long offset);

    public abstract void Dispose();
}

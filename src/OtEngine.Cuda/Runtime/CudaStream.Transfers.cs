using System.Runtime.CompilerServices;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

// Transfers and fills. What goes to or comes from the host passes through pinned memory.
internal sealed unsafe partial class CudaStream
{
    /// <summary>Bytes of pinned memory: transfers beyond go through it in pieces.</summary>
    private const int StagingBytes = 1 << 20;

    private PinnedHandle? _staging;
    private int _staged;

    /// <summary>Queues a copy to the device; the source may be reused on return.</summary>
    public void Upload<T>(ReadOnlySpan<T> source, CudaBuffer<T> destination, long offset = 0)
        where T : unmanaged
    {
        RequireRange(destination, offset, source.Length);
        fixed (T* start = source)
        {
            long bytes = (long)source.Length * sizeof(T);
            for (long done = 0; done < bytes;)
            {
                int count = (int)Math.Min(StagingBytes, bytes - done);
                byte* staging = Stage(count);
                Unsafe.CopyBlockUnaligned(staging, (byte*)start + done, (uint)count);
                using CudaContext.Scope scope = Queue();
                _context.Check(_context.Driver.Memory.cuMemcpyHtoDAsync_v2(destination.AddressAt(offset) + (ulong)done, staging, (nuint)count, Handle), "cuMemcpyHtoDAsync_v2");
                done += count;
            }
        }
    }

    /// <summary>Copies to the host, behind all that is queued; returns when the data is there.</summary>
    public void Download<T>(CudaBuffer<T> source, Span<T> destination, long offset = 0)
        where T : unmanaged
    {
        RequireRange(source, offset, destination.Length);
        fixed (T* start = destination)
        {
            long bytes = (long)destination.Length * sizeof(T);
            for (long done = 0; done < bytes;)
            {
                int count = (int)Math.Min(StagingBytes, bytes - done);
                byte* staging = Stage(count);
                using (CudaContext.Scope scope = Queue())
                    _context.Check(_context.Driver.Memory.cuMemcpyDtoHAsync_v2(staging, source.AddressAt(offset) + (ulong)done, (nuint)count, Handle), "cuMemcpyDtoHAsync_v2");
                Synchronize();
                Unsafe.CopyBlockUnaligned((byte*)start + done, staging, (uint)count);
                done += count;
            }
        }
    }

    /// <summary>Queues a copy on the device.</summary>
    public void Copy<T>(CudaBuffer<T> source, long sourceOffset, CudaBuffer<T> destination, long destinationOffset, long length)
        where T : unmanaged
    {
        RequireRange(source, sourceOffset, length);
        RequireRange(destination, destinationOffset, length);
        if (length == 0)
            return;
        using CudaContext.Scope scope = Queue();
        _context.Check(
            _context.Driver.Memory.cuMemcpyDtoDAsync_v2(destination.AddressAt(destinationOffset), source.AddressAt(sourceOffset), (nuint)(length * sizeof(T)), Handle),
            "cuMemcpyDtoDAsync_v2");
    }

    /// <summary>Queues zeros.</summary>
    public void Clear<T>(CudaBuffer<T> buffer, long offset, long length)
        where T : unmanaged
    {
        RequireRange(buffer, offset, length);
        if (length == 0)
            return;
        using CudaContext.Scope scope = Queue();
        _context.Check(_context.Driver.Memory.cuMemsetD8Async(buffer.AddressAt(offset), 0, (nuint)(length * sizeof(T)), Handle), "cuMemsetD8Async");
    }

    private static void RequireRange<T>(CudaBuffer<T> buffer, long offset, long length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, buffer.Length - length);
    }

    /// <summary>Pinned memory that no queued copy uses: behind what was staged since the last wait, or all of it after one.</summary>
    private byte* Stage(int bytes)
    {
        if (_staging is null)
        {
            using CudaContext.Scope scope = _context.Enter();
            void* address = null;
            _context.Check(_context.Driver.Memory.cuMemHostAlloc(&address, StagingBytes, 0), "cuMemHostAlloc");
            _staging = new PinnedHandle(_context, (nint)address);
        }

        if (_staged + bytes > StagingBytes)
            Synchronize();
        byte* place = (byte*)_staging.Value + _staged;
        _staged += (bytes + 15) / 16 * 16;
        return place;
    }
}

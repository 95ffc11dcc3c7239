using System.Globalization;
using System.Numerics;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>
/// Device memory, kept when it is freed for the next request of its size class. Verbs wait for their work before they free, so that what is
/// freed may be used again at once, in any stream.
/// </summary>
internal sealed unsafe class DevicePool(CudaContext context, long cap, bool keeps) : IDisposable
{
    /// <summary>Classes are 2^k and 1.25, 1.5, 1.75 times that: a quarter is wasted at most.</summary>
    private const int StepsPerOctave = 4;

    private const long LeastBytes = 512;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Stack<MemoryHandle>> _free = [];
    private long _held;
    private bool _disposed;

    /// <summary>Bytes taken from the device, in use or kept.</summary>
    public long HeldBytes => Interlocked.Read(ref _held);

    public static long ClassOf(long bytes)
    {
        if (bytes <= LeastBytes)
            return LeastBytes;
        long octave = 1L << BitOperations.Log2((ulong)(bytes - 1));
        long step = Math.Max(octave / StepsPerOctave, 1);
        return octave + ((bytes - octave + step - 1) / step * step);
    }

    public MemoryHandle Take(long bytes)
    {
        long size = ClassOf(bytes);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_free.TryGetValue(size, out Stack<MemoryHandle>? kept) && kept.TryPop(out MemoryHandle? memory))
                return memory;
        }

        if (HeldBytes > cap - size)
            Trim();
        if (HeldBytes > cap - size)
            throw new CudaOutOfMemoryException(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes of device memory would exceed MemoryCap: {HeldBytes} of {cap} are held. Raise the cap, or solve less at a time."), "");
        try
        {
            return Allocate(size);
        }
        catch (CudaOutOfMemoryException) when (Trim() > 0)
        {
            return Allocate(size);
        }
    }

    public void Give(MemoryHandle memory, long bytes)
    {
        long size = ClassOf(bytes);
        lock (_gate)
        {
            if (keeps && !_disposed && !context.IsLost)
            {
                if (!_free.TryGetValue(size, out Stack<MemoryHandle>? kept))
                    _free.Add(size, kept = []);
                kept.Push(memory);
                return;
            }
        }

        Free(memory, size);
    }

    /// <summary>Gives what is kept back to the device.</summary>
    /// <returns>Bytes given back.</returns>
    public long Trim()
    {
        List<(MemoryHandle Memory, long Size)> spare = [];
        lock (_gate)
        {
            foreach ((long size, Stack<MemoryHandle> kept) in _free)
            {
                foreach (MemoryHandle memory in kept)
                    spare.Add((memory, size));
                kept.Clear();
            }
        }

        long bytes = 0;
        foreach ((MemoryHandle memory, long size) in spare)
        {
            Free(memory, size);
            bytes += size;
        }

        return bytes;
    }

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        Trim();
    }

    private void Free(MemoryHandle memory, long size)
    {
        memory.Dispose();
        Interlocked.Add(ref _held, -size);
    }

    private MemoryHandle Allocate(long size)
    {
        using CudaContext.Scope scope = context.Enter();
        ulong address = 0;
        Driver.CudaResult result = context.Driver.Memory.cuMemAlloc_v2(&address, (nuint)size);
        if (result == Driver.CudaResult.OutOfMemory)
        {
            nuint free = 0;
            nuint total = 0;
            _ = context.Driver.Memory.cuMemGetInfo_v2(&free, &total);
            context.Check(result, "cuMemAlloc_v2", string.Create(CultureInfo.InvariantCulture, $"{size} bytes asked for, {free} of {total} free, {HeldBytes} held by this engine"));
        }

        context.Check(result, "cuMemAlloc_v2");
        Interlocked.Add(ref _held, size);
        return new MemoryHandle(context, (nint)address);
    }
}

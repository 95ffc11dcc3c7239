using System.Globalization;
using System.Numerics;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>
/// Device memory, kept when it is freed for the next request of its size class. What is kept may be used again at once, in any stream: memory
/// comes back only after the work that its thread queued has been waited for.
/// </summary>
internal sealed unsafe class DevicePool(CudaContext context, long cap, bool keeps) : IDisposable
{
    /// <summary>Classes are 2^k and 1.25, 1.5, 1.75 times that: a quarter is wasted at most.</summary>
    private const int StepsPerOctave = 4;

    private const long LeastBytes = 512;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Stack<MemoryHandle>> _free = [];
    private long _held;
    private long _kept;
    private bool _disposed;

    /// <summary>Bytes taken from the device, in use or kept.</summary>
    public long HeldBytes => Interlocked.Read(ref _held);

    /// <summary>Bytes in use.</summary>
    public long UsedBytes => HeldBytes - Interlocked.Read(ref _kept);

    public static long ClassOf(long bytes)
    {
        if (bytes <= LeastBytes)
            return LeastBytes;
        long octave = 1L << BitOperations.Log2((ulong)(bytes - 1));
        long step = Math.Max(octave / StepsPerOctave, 1);
        return octave + ((bytes - octave + step - 1) / step * step);
    }

    /// <summary>Bytes that may still be taken: of the cap, or of what the device has left, others' share taken off, where that is less.</summary>
    public long FreeBytes()
    {
        nuint free = 0;
        nuint total = 0;
        using (context.Enter())
            context.Check(context.Driver.Memory.cuMemGetInfo_v2(&free, &total), "cuMemGetInfo_v2");
        return Math.Max(Math.Min(cap - UsedBytes, (long)free + Interlocked.Read(ref _kept)), 0);
    }

    public MemoryHandle Take(long bytes)
    {
        long size = ClassOf(bytes);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Engine));
            if (_free.TryGetValue(size, out Stack<MemoryHandle>? kept) && kept.TryPop(out MemoryHandle? memory))
            {
                Interlocked.Add(ref _kept, -size);
                return memory;
            }

            // Until there is a handle that does.
            context.Retain();
        }

        try
        {
            return TakeNew(bytes, size);
        }
        finally
        {
            context.Release();
        }
    }

    public void Give(MemoryHandle memory)
    {
        // Where a verb fails half way its memory comes back before its work has ended.
        bool idle = CudaStream.WaitForThisThread();
        lock (_gate)
        {
            if (keeps && idle && !_disposed && !context.IsLost)
            {
                if (!_free.TryGetValue(memory.Bytes, out Stack<MemoryHandle>? kept))
                    _free.Add(memory.Bytes, kept = []);
                kept.Push(memory);
                Interlocked.Add(ref _kept, memory.Bytes);
                return;
            }
        }

        memory.Dispose();
    }

    /// <summary>Gives what is kept back to the device.</summary>
    /// <returns>Bytes given back.</returns>
    public long Trim()
    {
        List<MemoryHandle> spare = [];
        lock (_gate)
        {
            foreach (Stack<MemoryHandle> kept in _free.Values)
            {
                spare.AddRange(kept);
                kept.Clear();
            }
        }

        long bytes = 0;
        foreach (MemoryHandle memory in spare)
        {
            memory.Dispose();
            bytes += memory.Bytes;
        }

        Interlocked.Add(ref _kept, -bytes);
        return bytes;
    }

    /// <summary>Takes off what is no longer taken from the device.</summary>
    public void Forget(long bytes) => Interlocked.Add(ref _held, -bytes);

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        Trim();
    }

    private MemoryHandle TakeNew(long bytes, long size)
    {
        if (!Reserve(size) && !(Trim() > 0 && Reserve(size)))
            throw new CudaOutOfMemoryException(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes of device memory would exceed MemoryCap: {UsedBytes} of {cap} are in use. Raise the cap, or solve less at a time."), "");
        try
        {
            return Allocate(size);
        }
        catch
        {
            Forget(size);
            throw;
        }
    }

    private bool Reserve(long size)
    {
        lock (_gate)
        {
            if (HeldBytes > cap - size)
                return false;
            Interlocked.Add(ref _held, size);
            return true;
        }
    }

    /// <summary>Memory of the device, whose pool is emptied if there is none left.</summary>
    private MemoryHandle Allocate(long size)
    {
        CudaResult result = Allocate(size, out ulong address);
        if (result == CudaResult.OutOfMemory && Trim() > 0)
            result = Allocate(size, out address);
        if (result == CudaResult.OutOfMemory)
        {
            nuint free = 0;
            nuint total = 0;
            using (context.Enter())
                _ = context.Driver.Memory.cuMemGetInfo_v2(&free, &total);
            context.Check(result, "cuMemAlloc_v2", string.Create(CultureInfo.InvariantCulture, $"{size} bytes asked for, {free} of {total} free, {UsedBytes} in use by this engine"));
        }

        context.Check(result, "cuMemAlloc_v2");
        return new MemoryHandle(context, (nint)address, this, size);
    }

    private CudaResult Allocate(long size, out ulong address)
    {
        using CudaContext.Scope scope = context.Enter();
        ulong taken = 0;
        CudaResult result = context.Driver.Memory.cuMemAlloc_v2(&taken, (nuint)size);
        address = taken;
        return result;
    }
}

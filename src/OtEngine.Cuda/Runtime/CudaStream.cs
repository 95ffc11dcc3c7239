using System.Runtime.CompilerServices;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>
/// A stream with pinned memory of its own, through which everything between host and device goes, so that spans may be reused as soon as a
/// call returns. One thread at a time.
/// </summary>
internal sealed unsafe class CudaStream : IDisposable
{
    /// <summary>Bytes of pinned memory: transfers beyond go through it in pieces.</summary>
    private const int StagingBytes = 1 << 20;

    private readonly CudaContext _context;
    private readonly StreamHandle? _owned;
    private readonly nint _external;
    private PinnedHandle? _staging;
    private int _staged;

    /// <param name="context">The context.</param>
    /// <param name="external">A stream of the caller's; 0 makes one.</param>
    public CudaStream(CudaContext context, nint external = 0)
    {
        const uint NonBlocking = 1;
        _context = context;
        _external = external;
        if (external != 0)
            return;
        using CudaContext.Scope scope = context.Enter();
        nint handle = 0;
        context.Check(context.Driver.Stream.cuStreamCreate(&handle, NonBlocking), "cuStreamCreate");
        _owned = new StreamHandle(context, handle);
    }

    private nint Handle => _owned?.Value ?? _external;

    private StreamFunctions Functions => _context.Driver.Stream;

    /// <summary>Launches one-dimensional blocks of a kernel that takes one structure.</summary>
    /// <param name="function">The entry.</param>
    /// <param name="grid">Blocks; nothing happens if there are none.</param>
    /// <param name="block">Threads a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory.</param>
    /// <param name="arguments">Copied before this returns. The launcher answers for its addresses: nothing checks them.</param>
    /// <param name="cooperative">Whether all blocks must be resident at once.</param>
    public void Launch<TArguments>(CudaFunction function, long grid, int block, int sharedBytes, in TArguments arguments, bool cooperative = false)
        where TArguments : unmanaged
    {
        if (grid == 0)
            return;
        uint blocks = grid <= int.MaxValue ? (uint)grid : throw new CudaException($"{function.Name} would need {grid} blocks; a launch has at most {int.MaxValue}. Solve fewer problems at a time.");
        using CudaContext.Scope scope = _context.Enter();
        function.AllowShared(sharedBytes);
        fixed (TArguments* address = &arguments)
        {
            void* parameter = address;
            ModuleFunctions module = _context.Driver.Module;
            CudaResult result = cooperative
                ? module.cuLaunchCooperativeKernel(function.Handle, blocks, 1, 1, (uint)block, 1, 1, (uint)sharedBytes, Handle, &parameter)
                : module.cuLaunchKernel(function.Handle, blocks, 1, 1, (uint)block, 1, 1, (uint)sharedBytes, Handle, &parameter, null);
            _context.Check(result, cooperative ? "cuLaunchCooperativeKernel" : "cuLaunchKernel", function.Name);
        }
    }

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
                using CudaContext.Scope scope = _context.Enter();
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
                using (CudaContext.Scope scope = _context.Enter())
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
        using CudaContext.Scope scope = _context.Enter();
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
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(_context.Driver.Memory.cuMemsetD8Async(buffer.AddressAt(offset), 0, (nuint)(length * sizeof(T)), Handle), "cuMemsetD8Async");
    }

    /// <summary>Waits for all that is queued.</summary>
    public void Synchronize()
    {
        using CudaContext.Scope scope = _context.Enter();
        _staged = 0;
        _context.Check(Functions.cuStreamSynchronize(Handle), "cuStreamSynchronize");
    }

    /// <summary>Takes down what would be queued, to be launched as often as wanted. The work may neither transfer nor wait.</summary>
    public CudaGraph Capture(Action<CudaStream> work)
    {
        const int ThreadLocal = 1;
        using (CudaContext.Scope scope = _context.Enter())
            _context.Check(Functions.cuStreamBeginCapture_v2(Handle, ThreadLocal), "cuStreamBeginCapture_v2");
        nint graph = 0;
        try
        {
            work(this);
        }
        catch
        {
            using CudaContext.Scope scope = _context.Enter();
            if (Functions.cuStreamEndCapture(Handle, &graph) == CudaResult.Success && graph != 0)
                new GraphHandle(_context, graph).Dispose();
            throw;
        }

        using CudaContext.Scope ending = _context.Enter();
        _context.Check(Functions.cuStreamEndCapture(Handle, &graph), "cuStreamEndCapture");
        using GraphHandle captured = new(_context, graph);
        nint executable = 0;
        _context.Check(Functions.cuGraphInstantiateWithFlags(&executable, graph, 0), "cuGraphInstantiateWithFlags");
        return new CudaGraph(new ExecutableGraphHandle(_context, executable));
    }

    public void Launch(CudaGraph graph)
    {
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(Functions.cuGraphLaunch(graph.Handle, Handle), "cuGraphLaunch");
    }

    public void Record(CudaEvent point)
    {
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(Functions.cuEventRecord(point.Handle, Handle), "cuEventRecord");
    }

    /// <summary>What is queued after this waits for the event.</summary>
    public void Wait(CudaEvent point)
    {
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(Functions.cuStreamWaitEvent(Handle, point.Handle, 0), "cuStreamWaitEvent");
    }

    public void Dispose()
    {
        _staging?.Dispose();
        _owned?.Dispose();
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

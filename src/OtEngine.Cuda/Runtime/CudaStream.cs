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

    /// <summary>Streams with work that this thread queued and has not waited for.</summary>
    [ThreadStatic]
    private static List<CudaStream>? _busy;

    private readonly CudaContext _context;
    private readonly StreamHandle? _owned;
    private readonly nint _external;
    private PinnedHandle? _staging;
    private int _staged;
    private bool _isBusy;

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

    /// <summary>Whether a capture could not be ended: nothing can be queued any more.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The driver's handle.</summary>
    public nint Handle => _owned?.Value ?? _external;

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
        using CudaContext.Scope scope = Queue();
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

    /// <summary>Waits for all that is queued.</summary>
    public void Synchronize()
    {
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(Functions.cuStreamSynchronize(Handle), "cuStreamSynchronize");
        _staged = 0;
        NotBusy();
    }

    /// <summary>Waits for whatever this thread queued in any stream and has not waited for, as before memory is given back; never throws.</summary>
    /// <returns>Whether all of it ended well.</returns>
    public static bool WaitForThisThread()
    {
        bool idle = true;
        while (_busy is { Count: > 0 } busy)
            idle &= busy[^1].TryWait();
        return idle;
    }

    /// <summary>Waits, if anything is queued, without throwing; the stream counts as idle after, since memory it may still use is then freed by the driver, which waits.</summary>
    /// <returns>Whether the work ended well.</returns>
    public bool TryWait()
    {
        if (!_isBusy)
            return true;
        try
        {
            Synchronize();
            return true;
        }
        catch (CudaException)
        {
            return false;
        }
        finally
        {
            NotBusy();
        }
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
            Abandon();
            throw;
        }

        // From here on a stream whose capture cannot be ended is good for nothing.
        IsBroken = true;
        using CudaContext.Scope ending = _context.Enter();
        _context.Check(Functions.cuStreamEndCapture(Handle, &graph), "cuStreamEndCapture");
        IsBroken = false;
        using GraphHandle captured = new(_context, graph);
        nint executable = 0;
        _context.Check(Functions.cuGraphInstantiateWithFlags(&executable, graph, 0), "cuGraphInstantiateWithFlags");
        return new CudaGraph(new ExecutableGraphHandle(_context, executable));
    }

    public void Launch(CudaGraph graph)
    {
        using CudaContext.Scope scope = Queue();
        _context.Check(Functions.cuGraphLaunch(graph.Handle, Handle), "cuGraphLaunch");
    }

    public void Record(CudaEvent point)
    {
        using CudaContext.Scope scope = Queue();
        _context.Check(Functions.cuEventRecord(point.Handle, Handle), "cuEventRecord");
    }

    /// <summary>What is queued after this waits for the event.</summary>
    public void Wait(CudaEvent point)
    {
        using CudaContext.Scope scope = Queue();
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

    /// <summary>The context, current, and the stream, taken note of.</summary>
    private CudaContext.Scope Queue()
    {
        CudaContext.Scope scope = _context.Enter();
        if (!_isBusy)
        {
            _isBusy = true;
            (_busy ??= []).Add(this);
        }

        return scope;
    }

    private void NotBusy()
    {
        if (_isBusy)
            _ = _busy!.Remove(this);
        _isBusy = false;
    }

    /// <summary>Ends a capture whose work failed; its exception is under way, so nothing is thrown.</summary>
    private void Abandon()
    {
        IsBroken = true;
        if (_context.IsLost)
            return;
        try
        {
            using CudaContext.Scope scope = _context.Enter();
            nint graph = 0;
            CudaResult result = Functions.cuStreamEndCapture(Handle, &graph);

            // A capture that its work made invalid is over too, without a graph.
            const int Invalidated = 901;
            IsBroken = !_context.Succeeded(result, "cuStreamEndCapture") && (int)result != Invalidated;
            if (graph != 0)
                new GraphHandle(_context, graph).Dispose();
        }
        catch (CudaException)
        {
            // The stream stays broken.
        }
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

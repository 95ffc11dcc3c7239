using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>
/// A stream with pinned memory of its own, through which everything between host and device goes, so that spans may be reused as soon as a
/// call returns. One thread at a time.
/// </summary>
internal sealed unsafe partial class CudaStream : IDisposable
{
    /// <summary>Streams with work that this thread queued and has not waited for.</summary>
    [ThreadStatic]
    private static List<CudaStream>? _busy;

    private readonly CudaContext _context;
    private readonly StreamHandle? _owned;
    private readonly nint _external;
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

    /// <summary>The driver's handle.</summary>
    public nint Handle => _owned?.Value ?? _external;

    private StreamFunctions Functions => _context.Driver.Stream;

    /// <summary>The context, current, and the stream, taken note of: what is queued by its handle in this scope is waited for.</summary>
    public CudaContext.Scope Queue()
    {
        CudaContext.Scope scope = _context.Enter();
        if (!_isBusy)
        {
            _isBusy = true;
            (_busy ??= []).Add(this);
        }

        return scope;
    }

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

    public void Dispose()
    {
        _staging?.Dispose();
        _owned?.Dispose();
    }

    private void NotBusy()
    {
        if (_isBusy)
            _ = _busy!.Remove(this);
        _isBusy = false;
    }
}

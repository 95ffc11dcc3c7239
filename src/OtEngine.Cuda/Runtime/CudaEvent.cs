using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>A point in a stream, with the time at which the device came to it.</summary>
internal sealed unsafe class CudaEvent : IDisposable
{
    private readonly CudaContext _context;
    private readonly EventHandle _handle;

    public CudaEvent(CudaContext context)
    {
        _context = context;
        using CudaContext.Scope scope = context.Enter();
        nint handle = 0;
        context.Check(context.Driver.Stream.cuEventCreate(&handle, 0), "cuEventCreate");
        _handle = new EventHandle(context, handle);
    }

    public nint Handle => _handle.Value;

    /// <summary>Milliseconds from another event to this one, both recorded; waits for this one.</summary>
    public double MillisecondsSince(CudaEvent earlier)
    {
        using CudaContext.Scope scope = _context.Enter();
        _context.Check(_context.Driver.Stream.cuEventSynchronize(Handle), "cuEventSynchronize");
        float milliseconds = 0;
        _context.Check(_context.Driver.Stream.cuEventElapsedTime(&milliseconds, earlier.Handle, Handle), "cuEventElapsedTime");
        return milliseconds;
    }

    public void Dispose() => _handle.Dispose();
}

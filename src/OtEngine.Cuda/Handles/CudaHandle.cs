using System.Runtime.InteropServices;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Handles;

/// <summary>
/// Something that lives in a context and keeps it alive: the context is released after the last of its things, in whatever order they are
/// disposed or collected. After the device was lost nothing is released one by one; it goes with the context.
/// </summary>
internal abstract class CudaHandle : SafeHandle
{
    private readonly CudaContext _context;

    protected CudaHandle(CudaContext context, nint value)
        : base(0, ownsHandle: true)
    {
        _context = context;
        context.Retain();
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The driver's handle. The caller keeps this object alive.</summary>
    public nint Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    protected sealed override bool ReleaseHandle()
    {
        bool released = _context.IsLost || _context.TryRelease(this);
        OnReleased();
        _context.Release();
        return released;
    }

    /// <summary>Called once it is gone; never throws.</summary>
    protected virtual void OnReleased()
    {
    }

    /// <summary>The driver's call that ends it; the context is current.</summary>
    public abstract Driver.CudaResult Destroy(Driver.CudaDriver driver);
}

using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>
/// A context of one device, the primary one or the caller's. Every call of the driver goes through it: it is made current for the call, any
/// thread may make it, and what was current before is so again after. After a fault that leaves no way back every later call throws
/// before it reaches the driver.
/// </summary>
internal sealed unsafe class CudaContext
{
    private readonly nint _handle;
    private readonly bool _isPrimary;
    private int _users = 1;
    private volatile CudaException? _fault;

    private CudaContext(CudaDriver driver, int device, nint handle, bool isPrimary)
    {
        Driver = driver;
        Device = device;
        _handle = handle;
        _isPrimary = isPrimary;
    }

    public CudaDriver Driver { get; }

    public int Device { get; }

    public bool IsLost => _fault is not null;

    /// <summary>Takes a device's primary context, or the caller's own.</summary>
    public static CudaContext Open(CudaDriver driver, int ordinal, nint external)
    {
        int device = 0;
        if (external == 0)
        {
            int[] devices = DevicesOf(driver);
            if (ordinal >= devices.Length)
                throw new CudaNoDeviceException($"There is no CUDA device {ordinal}: the driver has {devices.Length}. Choose another (CudaOptions.DeviceOrdinal), or run on the CPU.", (int)CudaResult.InvalidDevice, "cuDeviceGetCount");
            device = devices[ordinal];
            nint primary = 0;
            Require(driver, driver.Context.cuDevicePrimaryCtxRetain(&primary, device), "cuDevicePrimaryCtxRetain");
            return new CudaContext(driver, device, primary, isPrimary: true);
        }

        Require(driver, driver.Context.cuCtxPushCurrent_v2(external), "cuCtxPushCurrent_v2");
        CudaResult found = driver.Context.cuCtxGetDevice(&device);
        nint popped = 0;
        Require(driver, driver.Context.cuCtxPopCurrent_v2(&popped), "cuCtxPopCurrent_v2");
        Require(driver, found, "cuCtxGetDevice");
        return new CudaContext(driver, device, external, isPrimary: false);
    }

    /// <summary>The driver's devices (CUdevice), in its order.</summary>
    public static int[] DevicesOf(CudaDriver driver)
    {
        int count = 0;
        Require(driver, driver.Device.cuDeviceGetCount(&count), "cuDeviceGetCount");
        int[] devices = new int[count];
        for (int ordinal = 0; ordinal < count; ordinal++)
        {
            int device = 0;
            Require(driver, driver.Device.cuDeviceGet(&device, ordinal), "cuDeviceGet");
            devices[ordinal] = device;
        }

        return devices;
    }

    /// <summary>Makes the context current until the scope ends.</summary>
    public Scope Enter()
    {
        if (_fault is { } fault)
            throw new CudaContextLostException($"The device was lost to this engine: {fault.Message}", fault.Code, fault.Call);
        Check(Driver.Context.cuCtxPushCurrent_v2(_handle), "cuCtxPushCurrent_v2");
        return new Scope(this);
    }

    /// <summary>Throws the typed exception of a result that is not success.</summary>
    public void Check(CudaResult result, string call, string detail = "")
    {
        if (result != CudaResult.Success)
            throw Note(result, call, detail);
    }

    /// <summary>The same where nothing may be thrown: takes note of a fault that leaves no way back.</summary>
    /// <returns>Whether the call succeeded.</returns>
    public bool Succeeded(CudaResult result, string call)
    {
        if (result == CudaResult.Success)
            return true;
        _ = Note(result, call, "");
        return false;
    }

    /// <summary>Refuses a stream of the caller's that belongs to another context.</summary>
    public void RequireOwn(nint stream)
    {
        using Scope scope = Enter();
        nint context = 0;
        Check(Driver.Stream.cuStreamGetCtx(stream, &context), "cuStreamGetCtx", "CudaOptions.ExternalStream");
        if (context != _handle)
            throw new CudaException("CudaOptions.ExternalStream belongs to another context than the engine works in. Give its context too (CudaOptions.ExternalContext).", (int)CudaResult.InvalidHandle, "cuStreamGetCtx");
    }

    /// <summary>Whether this is the context of a handle of the driver's.</summary>
    public bool Is(nint handle) => handle == _handle;

    /// <summary>Waits for what the caller queued in a stream of theirs.</summary>
    public void Wait(nint stream)
    {
        using Scope scope = Enter();
        Check(Driver.Stream.cuStreamSynchronize(stream), "cuStreamSynchronize", "the caller's stream");
    }

    public void Retain() => Interlocked.Increment(ref _users);

    /// <summary>Ends one use; the last one gives the primary context back, which frees whatever is left in it.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0 || !_isPrimary)
            return;

        // Everything that a failed release left behind goes with the context, so this one is worth a second try.
        if (Driver.Context.cuDevicePrimaryCtxRelease_v2(Device) != CudaResult.Success)
            _ = Driver.Context.cuDevicePrimaryCtxRelease_v2(Device);
    }

    /// <summary>Ends a thing of this context; never throws, since handles are also released by the collector.</summary>
    public bool TryRelease(CudaHandle thing)
    {
        if (!Succeeded(Driver.Context.cuCtxPushCurrent_v2(_handle), "cuCtxPushCurrent_v2"))
            return false;
        bool released = Succeeded(thing.Destroy(Driver), thing.GetType().Name);
        Leave();
        return released;
    }

    private static void Require(CudaDriver driver, CudaResult result, string call)
    {
        if (result != CudaResult.Success)
            throw CudaException.Of(result, call, driver.NameOf(result));
    }

    private CudaException Note(CudaResult result, string call, string detail)
    {
        CudaException exception = CudaException.Of(result, call, Driver.NameOf(result), detail);
        if (exception.IsLost)
            _fault ??= exception;
        return exception;
    }

    /// <summary>
    /// Gives the thread back what was current before. The work of the scope is done by then, and its own failure may be under way, so that
    /// this does not throw: it tries again, and a device that refuses twice is lost to later calls.
    /// </summary>
    private void Leave()
    {
        const string Call = "cuCtxPopCurrent_v2";
        nint popped = 0;
        if (Succeeded(Driver.Context.cuCtxPopCurrent_v2(&popped), Call))
            return;
        CudaResult again = Driver.Context.cuCtxPopCurrent_v2(&popped);
        if (!Succeeded(again, Call))
            _fault ??= new CudaContextLostException($"{Call} returned {Driver.NameOf(again)} ({(int)again}) twice. Create a new engine.", (int)again, Call);
    }

    /// <summary>As long as it lives, the context is current to this thread.</summary>
    public readonly ref struct Scope(CudaContext context)
    {
        public void Dispose() => context.Leave();
    }
}

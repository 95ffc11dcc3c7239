using OtEngine.Cuda.Cublas;
using OtEngine.Cuda.Driver;

namespace OtEngine.Cuda.Runtime;

/// <summary>
/// Everything CUDA of one engine: driver, context, streams, memory, kernels. Verbs that run while it is disposed end as usual; what they need
/// is released after the last of them.
/// </summary>
internal sealed class CudaRuntime : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<CudaStream> _streams = [];
    private readonly CudaStream? _external;
    private int _leases;
    private bool _disposed;

    private CudaRuntime(CudaContext context, CudaOptions options)
    {
        Context = context;
        Options = options;
        Limits = DeviceLimits.Of(context.Driver, context.Device);
        Memory = new DevicePool(context, options.MemoryCap, options.PoolsMemory);
        Modules = new KernelModules(context, Limits.Capability);
        if (!options.BatchInvariant && CublasLibrary.Load(options.CublasPath, context.Driver.Version, []) is { } library)
            Cublas = new CublasRuntime(context, library, Limits.Capability, options.ExternalCublas);
        if (options.ExternalStream != 0)
        {
            context.RequireOwn(options.ExternalStream);
            _external = new CudaStream(context, options.ExternalStream);
        }
    }

    public CudaContext Context { get; }

    public CudaOptions Options { get; }

    public DeviceLimits Limits { get; }

    public DevicePool Memory { get; }

    public KernelModules Modules { get; }

    /// <summary>cuBLAS; null where there is none, or where every problem is to have its own bits in any batch.</summary>
    public CublasRuntime? Cublas { get; }

    /// <summary>Opens a device.</summary>
    /// <param name="options">Which.</param>
    /// <param name="searched">Receives the libraries tried.</param>
    /// <exception cref="CudaException">There is no driver or device, or it is too old; or the configured cuBLAS does not serve.</exception>
    /// <exception cref="ProblemException">A handle of cuBLAS that could not be used.</exception>
    public static CudaRuntime Open(CudaOptions options, ICollection<DriverSearch> searched)
    {
        if (options.ExternalCublas != 0 && options.CublasPath is null)
            Throw.Unsupported("CudaOptions.ExternalCublas is a handle of one loaded library, and another would not know it; name the library (CudaOptions.CublasPath).");
        if (options.ExternalCublas != 0 && options.BatchInvariant)
            Throw.Unsupported("CudaOptions.ExternalCublas is given, but cuBLAS computes nothing while CudaOptions.BatchInvariant is true; set that to false, or give no handle.");
        CudaDriver driver = CudaDriver.Load(options.DriverPath, searched);
        CudaContext context = CudaContext.Open(driver, options.DeviceOrdinal, options.ExternalContext);
        try
        {
            return new CudaRuntime(context, options);
        }
        catch
        {
            context.Release();
            throw;
        }
    }

    /// <summary>A stream for the work of one verb; with a stream of the caller's, one call at a time.</summary>
    public StreamLease Rent()
    {
        // A verb within a verb, on the same thread, may enter again.
        if (_external is not null)
            Monitor.Enter(_external);
        CudaStream? stream = _external;
        try
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(Engine));
                _leases++;
                if (stream is null)
                    _ = _streams.TryPop(out stream);
            }

            return new StreamLease(this, stream ?? Create());
        }
        catch when (_external is not null)
        {
            Monitor.Exit(_external);
            throw;
        }
    }

    public void Return(CudaStream stream)
    {
        bool isSound = stream.TryWait() && !stream.IsBroken && !Context.IsLost;
        lock (_gate)
        {
            if (isSound && !_disposed && _external is null)
            {
                _leases--;
                _streams.Push(stream);
                return;
            }
        }

        if (_external is null)
            stream.Dispose();
        else
            Monitor.Exit(_external);
        EndLease();
    }

    public CudaBuffer<T> Allocate<T>(long length)
        where T : unmanaged => new(this, length);

    public CudaFunction Function(string family, string entry) => Modules.Function(family, entry);

    public long TrimPool() => Memory.Trim();

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _leases++;
        }

        EndLease();
    }

    private CudaStream Create()
    {
        try
        {
            return new CudaStream(Context);
        }
        catch
        {
            EndLease();
            throw;
        }
    }

    private void EndLease()
    {
        lock (_gate)
        {
            if (--_leases > 0 || !_disposed)
                return;
        }

        foreach (CudaStream stream in _streams)
            stream.Dispose();
        _external?.Dispose();
        Memory.Dispose();
        Modules.Dispose();
        Cublas?.Dispose();
        Context.Release();
    }
}

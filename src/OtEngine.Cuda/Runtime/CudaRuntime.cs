using System.Collections.Concurrent;
using System.Text;
using OtEngine.Cuda.Driver;

namespace OtEngine.Cuda.Runtime;

/// <summary>Everything CUDA of one engine: driver, context, streams, memory, kernels.</summary>
internal sealed class CudaRuntime : IDisposable
{
    private readonly ConcurrentBag<CudaStream> _streams = [];
    private readonly SemaphoreSlim? _externalGate;
    private readonly CudaStream? _external;
    private int _disposed;

    private CudaRuntime(CudaContext context, CudaOptions options)
    {
        Context = context;
        Options = options;
        using (context.Enter())
            Limits = Inspect(context);
        Memory = new DevicePool(context, options.MemoryCap, options.PoolsMemory);
        Modules = new KernelModules(context, Limits.Capability);
        if (options.ExternalStream != 0)
        {
            _external = new CudaStream(context, options.ExternalStream);
            _externalGate = new SemaphoreSlim(1);
        }
    }

    public CudaContext Context { get; }

    public CudaOptions Options { get; }

    public DeviceLimits Limits { get; }

    public DevicePool Memory { get; }

    public KernelModules Modules { get; }

    /// <summary>Opens a device.</summary>
    /// <param name="options">Which.</param>
    /// <param name="searched">Receives the libraries tried.</param>
    /// <exception cref="CudaException">There is no driver or device, or it is too old.</exception>
    public static CudaRuntime Open(CudaOptions options, ICollection<DriverSearch> searched)
    {
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
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (_external is not null)
        {
            _externalGate!.Wait();
            return new StreamLease(this, _external);
        }

        return new StreamLease(this, _streams.TryTake(out CudaStream? stream) ? stream : new CudaStream(Context));
    }

    public void Return(CudaStream stream)
    {
        if (ReferenceEquals(stream, _external))
        {
            _externalGate!.Release();
            return;
        }

        _streams.Add(stream);

        // Who disposes may have emptied the bag before this one came back.
        if (Volatile.Read(ref _disposed) != 0)
            DisposeStreams();
    }

    public CudaBuffer<T> Allocate<T>(long length)
        where T : unmanaged => new(this, length);

    public CudaFunction Function(string family, string entry) => Modules.Function(family, entry);

    public long TrimPool() => Memory.Trim();

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        DisposeStreams();
        _external?.Dispose();
        Memory.Dispose();
        Modules.Dispose();
        Context.Release();
    }

    private static unsafe DeviceLimits Inspect(CudaContext context)
    {
        const int SharedBytes = 8, Multiprocessors = 16, Major = 75, Minor = 76, SharedMultiprocessor = 81, Cooperative = 95, SharedOptIn = 97;
        byte* name = stackalloc byte[256];
        context.Check(context.Driver.Device.cuDeviceGetName(name, 256, context.Device), "cuDeviceGetName");
        nuint total = 0;
        context.Check(context.Driver.Device.cuDeviceTotalMem_v2(&total, context.Device), "cuDeviceTotalMem_v2");
        return new DeviceLimits
        {
            Name = Encoding.UTF8.GetString(new ReadOnlySpan<byte>(name, 256)[..new ReadOnlySpan<byte>(name, 256).IndexOf((byte)0)]),
            Capability = (10 * context.Attribute(Major)) + context.Attribute(Minor),
            Multiprocessors = context.Attribute(Multiprocessors),
            SharedBytes = context.Attribute(SharedBytes),
            SharedBytesOptIn = context.Attribute(SharedOptIn),
            SharedBytesMultiprocessor = context.Attribute(SharedMultiprocessor),
            CooperativeLaunch = context.Attribute(Cooperative) != 0,
            TotalMemory = (long)total,
        };
    }

    private void DisposeStreams()
    {
        while (_streams.TryTake(out CudaStream? stream))
            stream.Dispose();
    }
}

using System.Runtime.InteropServices;
using System.Text;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Tests;

/// <summary>What is alive on the host device; numbers of <c>ot_host_kind</c>.</summary>
internal enum HostObject
{
    MemoryBlocks,
    MemoryBytes,
    PinnedBlocks,
    Streams,
    Events,
    Modules,
    Graphs,
    ExecutableGraphs,
    Contexts,
    BlasHandles,
}

/// <summary>
/// A library of the host device, with its inspection exports (native/include/ot_host_device.h).
/// </summary>
internal sealed unsafe class HostDevice
{
    private const string DriverName = "libothostcuda.so";
    private const string CublasName = "libothostcublas.so";
    private static readonly Lazy<HostDevice?> LazyDefault = new(() => TestDevice.HostLibrary is { } library ? new HostDevice(library) : null);
    private static readonly Lazy<HostDevice?> LazyCopy = new(MakeCopy);
    private readonly delegate* unmanaged<byte*, long, int, void> _failCall;
    private readonly delegate* unmanaged<byte*, ulong> _calls;
    private readonly delegate* unmanaged<int, ulong> _live;
    private readonly delegate* unmanaged<ulong, void> _seed;
    private readonly delegate* unmanaged<int, void> _threads;
    private readonly delegate* unmanaged<byte*, long, int> _limit;
    private readonly delegate* unmanaged<byte*, int, int> _lastReport;
    private readonly delegate* unmanaged<byte*, ulong> _launched;

    private HostDevice(string path)
    {
        DriverPath = path;
        nint library = NativeLibrary.Load(path);
        _failCall = (delegate* unmanaged<byte*, long, int, void>)NativeLibrary.GetExport(library, "ot_host_fail_call");
        _calls = (delegate* unmanaged<byte*, ulong>)NativeLibrary.GetExport(library, "ot_host_calls");
        _live = (delegate* unmanaged<int, ulong>)NativeLibrary.GetExport(library, "ot_host_live");
        _seed = (delegate* unmanaged<ulong, void>)NativeLibrary.GetExport(library, "ot_host_seed");
        _threads = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "ot_host_threads");
        _limit = (delegate* unmanaged<byte*, long, int>)NativeLibrary.GetExport(library, "ot_host_limit");
        _lastReport = (delegate* unmanaged<byte*, int, int>)NativeLibrary.GetExport(library, "ot_host_last_report");
        _launched = (delegate* unmanaged<byte*, ulong>)NativeLibrary.GetExport(library, "ot_host_launched");
        IsInstrumented = ((delegate* unmanaged<int>)NativeLibrary.GetExport(library, "ot_host_is_instrumented"))() != 0;
    }

    /// <summary>The library.</summary>
    public string DriverPath { get; }

    /// <summary>What stands in for cuBLAS on this device, found beside it; it finds the driver's library in its own folder.</summary>
    public string CublasPath => Path.Combine(Path.GetDirectoryName(DriverPath)!, CublasName);

    /// <summary>Whether kernels are checked for races, bounds and memory that nobody wrote.</summary>
    public bool IsInstrumented { get; }

    /// <summary>The one on which the shared suites run; null if it is not built.</summary>
    public static HostDevice? Default => LazyDefault.Value;

    /// <summary>
    /// A copy of the library, for tests that set faults and limits and count what is alive; null if it is not built. There is but one: each
    /// library that is loaded takes some of what little room a process has for variables of its threads.
    /// </summary>
    public static HostDevice? Copy => LazyCopy.Value;

    /// <summary>Driver calls so far.</summary>
    public long Calls => (long)_calls(null);

    /// <summary>Calls of that name so far.</summary>
    public long CallsOf(string name)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
            return (long)_calls(text);
    }

    /// <summary>What the last fault was.</summary>
    public string LastReport
    {
        get
        {
            byte* text = stackalloc byte[4096];
            _ = _lastReport(text, 4096);
            return Marshal.PtrToStringUTF8((nint)text)!;
        }
    }

    /// <summary>An engine on this device, which must be there.</summary>
    public Engine CreateEngine(Action<CudaOptions>? configure = null, int? threads = null) => Engine.Create(options =>
    {
        options.Threads = threads ?? options.Threads;
        options.UseCuda(cuda => Require(cuda, configure));
    });

    /// <summary>A runtime on this device.</summary>
    public CudaRuntime Open(Action<CudaOptions>? configure = null)
    {
        CudaOptions options = new();
        Require(options, configure);
        return CudaRuntime.Open(options, []);
    }

    /// <summary>The k-th call from now, of that name or of any, returns a code and does nothing.</summary>
    public void FailCall(string? name, long k, int code)
    {
        fixed (byte* text = name is null ? null : Encoding.UTF8.GetBytes(name + '\0'))
            _failCall(text, k, code);
    }

    /// <summary>Launches of an entry so far that ended without a fault.</summary>
    public long Launched(string entry)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(entry + '\0'))
            return (long)_launched(text);
    }

    public long Live(HostObject kind) => (long)_live((int)kind);

    /// <summary>Everything that is alive, in words; empty if nothing is.</summary>
    public string Alive() => string.Join(", ", Enum.GetValues<HostObject>().Where(kind => Live(kind) != 0).Select(kind => $"{Live(kind)} {kind}"));

    /// <summary>Order of threads and streams; other than 0 streams run late.</summary>
    public void Seed(ulong seed) => _seed(seed);

    /// <summary>Host threads that blocks are spread over.</summary>
    public void Threads(int count) => _threads(count);

    /// <summary>Changes a property of the modelled device until <see cref="Reset"/>.</summary>
    public void Limit(string name, long value)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            if (_limit(text, value) == 0)
                throw new ArgumentException($"The host device has no property {name}.", nameof(name));
        }
    }

    /// <summary>No faults, no late streams, the device as it is modelled by default.</summary>
    public void Reset()
    {
        FailCall(null, 0, 0);
        Seed(0);
        foreach ((string name, long value) in (ReadOnlySpan<(string, long)>)
            [("devices", 1), ("driver_version", 12040), ("cublas_version", 120405), ("capability", 90), ("multiprocessors", 4), ("memory", 4L << 30), ("shared_opt_in", 227 << 10), ("cooperative", 1), ("registers", 65536)])
            Limit(name, value);
    }

    /// <summary>Deletes the copy of this run, if there is one.</summary>
    public static void DeleteCopy()
    {
        if (LazyCopy is { IsValueCreated: true, Value: { } copy })
            Directory.Delete(Path.GetDirectoryName(copy.DriverPath)!, recursive: true);
    }

    private static HostDevice? MakeCopy()
    {
        if (TestDevice.HostLibrary is not { } library)
            return null;
        string folder = Directory.CreateTempSubdirectory("othost-").FullName;
        string copy = Path.Combine(folder, DriverName);
        File.Copy(library, copy);
        string cublas = Path.Combine(Path.GetDirectoryName(library)!, CublasName);
        if (File.Exists(cublas))
            File.Copy(cublas, Path.Combine(folder, CublasName));
        return new HostDevice(copy);
    }

    private void Require(CudaOptions options, Action<CudaOptions>? configure)
    {
        options.DriverPath = DriverPath;
        options.Requirement = CudaRequirement.Required;
        configure?.Invoke(options);
    }
}

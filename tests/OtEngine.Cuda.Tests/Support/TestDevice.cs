using System.Globalization;
using System.Runtime.InteropServices;
using NUnit.Framework;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Tests;

/// <summary>
/// The device that this run of the tests uses: the host CUDA device, or with OTENGINE_TEST_DEVICE=gpu the GPU of this machine. Where it is not
/// there, every test that needs it is skipped and says why.
/// </summary>
internal static unsafe class TestDevice
{
    private static readonly Lazy<string?> LazyReason = new(WhyNoGpu);

    /// <summary>Whether a real GPU was asked for.</summary>
    public static bool IsGpu { get; } = Environment.GetEnvironmentVariable("OTENGINE_TEST_DEVICE") == "gpu";

    /// <summary>The host device's library: OTENGINE_HOST_CUDA, or where CMake puts it below the repository; null if there is none.</summary>
    public static string? HostLibrary { get; } = FindHostLibrary();

    /// <summary>What to do where the host device is missing.</summary>
    public const string HowToBuild = "The host CUDA device is not built: run ./build.sh --target Native (CMake and g++), or set OTENGINE_HOST_CUDA to its libothostcuda.so.";

    /// <summary>The driver's path for an engine's options.</summary>
    public static string? DriverPath
    {
        get
        {
            if (!IsGpu && HostLibrary is null)
                Assert.Ignore(HowToBuild);
            if (IsGpu && LazyReason.Value is { } reason)
                Assert.Ignore(reason);
            return IsGpu ? null : HostLibrary;
        }
    }

    /// <summary>Options that require this device.</summary>
    public static void Require(CudaOptions options)
    {
        options.DriverPath = DriverPath;
        options.Requirement = CudaRequirement.Required;
    }

    /// <summary>An engine on this device.</summary>
    public static Engine CreateEngine(Action<EngineOptions>? configure = null, Action<CudaOptions>? configureCuda = null)
    {
        _ = DriverPath;
        return Engine.Create(options =>
        {
            configure?.Invoke(options);
            options.UseCuda(cuda =>
            {
                Require(cuda);
                configureCuda?.Invoke(cuda);
            });
        });
    }

    /// <summary>Why there is no GPU to test on; null where there is one.</summary>
    private static string? WhyNoGpu()
    {
        try
        {
            using CudaRuntime runtime = CudaRuntime.Open(new CudaOptions { Requirement = CudaRequirement.Required }, []);
            return null;
        }
        catch (DeviceException exception)
        {
            return $"OTENGINE_TEST_DEVICE is gpu, but there is none: {exception.Message}";
        }
    }

    /// <summary>The library's path; with OTENGINE_HOST_SEED its threads and streams run in an order drawn from that seed.</summary>
    private static string? FindHostLibrary()
    {
        string? path = FindLibrary();
        if (path is not null && ulong.TryParse(Environment.GetEnvironmentVariable("OTENGINE_HOST_SEED"), CultureInfo.InvariantCulture, out ulong seed))
            ((delegate* unmanaged<ulong, void>)NativeLibrary.GetExport(NativeLibrary.Load(path), "ot_host_seed"))(seed);
        return path;
    }

    private static string? FindLibrary()
    {
        if (Environment.GetEnvironmentVariable("OTENGINE_HOST_CUDA") is { Length: > 0 } configured)
            return Path.GetFullPath(configured);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "artifacts", "native", "plain", "libothostcuda.so");
            if (File.Exists(candidate))
                return candidate;
        }

        return null;
    }
}

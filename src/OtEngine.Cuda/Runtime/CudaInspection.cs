using System.Diagnostics;
using System.Globalization;
using OtEngine.Cuda.Driver;

namespace OtEngine.Cuda.Runtime;

/// <summary>What was found of CUDA on this machine, and why it is or is not used.</summary>
/// <param name="Searched">Every library tried, with the loader's reason.</param>
/// <param name="Library">The driver's file; null if none was loaded.</param>
/// <param name="DriverVersion">The CUDA version of the driver, 12040 for 12.4; 0 if there is none.</param>
/// <param name="Devices">All devices of the driver, in its order.</param>
/// <param name="Device">The device; null if none can be used.</param>
/// <param name="Reason">Why none can be used; null if one can.</param>
internal sealed record CudaInspection(
    IReadOnlyList<DriverSearch> Searched, string? Library, int DriverVersion, IReadOnlyList<DeviceLimits> Devices, DeviceLimits? Device, string? Reason)
{
    /// <summary>The version of PTX that the kernels are in.</summary>
    public static string PtxVersion { get; } = FindPtxVersion();

    /// <summary>Opens a device, looks, and closes it again.</summary>
    public static CudaInspection Of(CudaOptions options)
    {
        List<DriverSearch> searched = [];
        List<DeviceLimits> devices = [];
        int version = 0;
        DeviceLimits? device = null;
        string? reason = null;
        try
        {
            CudaDriver driver = CudaDriver.Load(options.DriverPath, searched);
            version = driver.Version;
            foreach (int each in CudaContext.DevicesOf(driver))
                devices.Add(DeviceLimits.Of(driver, each));
            using CudaRuntime runtime = CudaRuntime.Open(options, []);
            device = runtime.Limits;
        }
        catch (CudaException exception)
        {
            version = exception is CudaDriverTooOldException old ? old.FoundVersion : version;
            reason = exception.Message;
        }

        return new CudaInspection(searched, FileOf(searched.Find(search => search.Found)?.Path), version, devices, device, reason);
    }

    /// <summary>A version as people write it.</summary>
    public static string Text(int version) => version == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}");

    /// <summary>The file behind a name that the system's loader found, by the libraries of this process.</summary>
    public static string? FileOf(string? name)
    {
        if (name is null || Path.IsPathRooted(name))
            return name;
        string stem = Path.GetFileNameWithoutExtension(name);
        using Process self = Process.GetCurrentProcess();
        return self.Modules.Cast<ProcessModule>().FirstOrDefault(module => Path.GetFileName(module.FileName).StartsWith(stem, StringComparison.OrdinalIgnoreCase))?.FileName ?? name;
    }

    private static string FindPtxVersion()
    {
        using Stream stream = typeof(CudaInspection).Assembly.GetManifestResourceStream(KernelImages.All.First(KernelImages.IsPtx))!;
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith(".version ", StringComparison.Ordinal))
                return line[".version ".Length..].Trim();
        }

        return "unknown";
    }
}

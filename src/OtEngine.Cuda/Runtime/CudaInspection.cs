using System.Globalization;
using OtEngine.Cuda.Driver;

namespace OtEngine.Cuda.Runtime;

/// <summary>What was found of CUDA on this machine, and why it is or is not used.</summary>
/// <param name="Searched">Every library tried, with the loader's reason.</param>
/// <param name="DriverVersion">The CUDA version of the driver, 12040 for 12.4; 0 if there is none.</param>
/// <param name="Device">The device; null if none can be used.</param>
/// <param name="Reason">Why none can be used; null if one can.</param>
internal sealed record CudaInspection(IReadOnlyList<DriverSearch> Searched, int DriverVersion, DeviceLimits? Device, string? Reason)
{
    /// <summary>The version of PTX that the kernels are in.</summary>
    public static string PtxVersion { get; } = FindPtxVersion();

    /// <summary>Opens a device, looks, and closes it again.</summary>
    public static CudaInspection Of(CudaOptions options)
    {
        List<DriverSearch> searched = [];
        try
        {
            using CudaRuntime runtime = CudaRuntime.Open(options, searched);
            return new CudaInspection(searched, runtime.Context.Driver.Version, runtime.Limits, null);
        }
        catch (CudaException exception)
        {
            int version = exception is CudaDriverTooOldException old ? old.FoundVersion : 0;
            return new CudaInspection(searched, version, null, exception.Message);
        }
    }

    /// <summary>A version as people write it.</summary>
    public static string Text(int version) => version == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}");

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

using System.Globalization;
using OtEngine.Cuda.Driver;

namespace OtEngine;

/// <summary>The driver is older than the engine's kernels need.</summary>
public sealed class CudaDriverTooOldException : CudaException
{
    internal CudaDriverTooOldException(string message, int found, int needed, string call = "")
        : base(
            $"{message} It supports CUDA {(found == 0 ? "of an older version" : Text(found))}; {Text(needed)} is needed, which driver {(needed < CudaDriver.LeastVersion ? 525 : 550)} brings. Update the driver, or run on the CPU.",
            call.Length == 0 ? 0 : (int)Cuda.Driver.CudaResult.UnsupportedPtxVersion,
            call)
    {
        FoundVersion = found;
        NeededVersion = needed;
    }

    /// <summary>The CUDA version of the driver, 12040 for 12.4; 0 if it is not known.</summary>
    public int FoundVersion { get; }

    /// <summary>The CUDA version that is needed.</summary>
    public int NeededVersion { get; }

    private static string Text(int version) => string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}");
}

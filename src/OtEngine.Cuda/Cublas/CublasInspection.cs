using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Cublas;

/// <summary>What was found of cuBLAS on this machine, whether or not the options let it be used.</summary>
/// <param name="Searched">Every library tried, with why it does not serve.</param>
/// <param name="Library">The file of the one that serves; null if none does.</param>
/// <param name="Version">Its version.</param>
internal sealed record CublasInspection(IReadOnlyList<DriverSearch> Searched, string? Library, Version? Version)
{
    /// <summary>Looks for it.</summary>
    /// <param name="options">Where.</param>
    /// <param name="driverVersion">The CUDA version of the driver, 12040 for 12.4; 0 if there is none.</param>
    public static CublasInspection Of(CudaOptions options, int driverVersion)
    {
        List<DriverSearch> searched = [];
        try
        {
            CublasLibrary? library = CublasLibrary.Load(options.CublasPath, driverVersion, searched);
            return new CublasInspection(searched, CudaInspection.FileOf(library?.Path), library?.Version);
        }
        catch (CublasException)
        {
            // The reason is among what was tried.
            return new CublasInspection(searched, null, null);
        }
    }
}

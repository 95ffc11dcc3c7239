using OtEngine.Backends;
using OtEngine.Cuda;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine;

/// <summary>What makes an engine use CUDA.</summary>
public static class CudaEngineOptions
{
    /// <summary>
    /// Solves on a CUDA device if there is one: <c>Engine.Create(o => o.UseCuda())</c>. Where there is none the engine runs on the CPU and
    /// <see cref="Engine.FallbackReason"/> says why, unless <see cref="CudaOptions.Requirement"/> is <see cref="CudaRequirement.Required"/>.
    /// </summary>
    /// <param name="options">The engine's options.</param>
    /// <param name="configure">Changes the default options of CUDA.</param>
    /// <returns>The engine's options.</returns>
    public static EngineOptions UseCuda(this EngineOptions options, Action<CudaOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        CudaOptions cuda = new();
        configure?.Invoke(cuda);
        options.Accelerator = new Accelerator(_ => Start(cuda), cuda.FallbackOnFault, cuda.Log);
        return options;
    }

    private static AcceleratorStart Start(CudaOptions options)
    {
        try
        {
            CudaRuntime runtime = CudaRuntime.Open(options, new List<DriverSearch>());
            return new AcceleratorStart(new CudaBackend(runtime), runtime.Limits.Name, null);
        }
        catch (CudaException exception) when (options.Requirement == CudaRequirement.Auto)
        {
            return new AcceleratorStart(null, null, exception.Message);
        }
    }
}

using OtEngine.Cuda;

namespace OtEngine;

/// <summary>What an engine on CUDA can do besides.</summary>
public static class CudaEngineExtensions
{
    /// <summary>
    /// Gives device memory that the engine keeps for later calls back to the device, for other users of it. Memory in use stays; the next call
    /// takes anew what it needs. On the CPU, or after the engine fell back to it, there is nothing to give back.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <returns>Bytes given back.</returns>
    public static long TrimPool(this Engine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return engine.Backend is CudaBackend cuda ? cuda.Runtime.TrimPool() : 0;
    }
}

using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Handles;

/// <summary>Captured work.</summary>
internal sealed class GraphHandle(CudaContext context, nint value) : CudaHandle(context, value)
{
    public override unsafe CudaResult Destroy(CudaDriver driver) => driver.Stream.cuGraphDestroy(handle);
}

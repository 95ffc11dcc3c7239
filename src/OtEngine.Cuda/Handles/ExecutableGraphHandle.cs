using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Handles;

/// <summary>Captured work, ready to be launched.</summary>
internal sealed class ExecutableGraphHandle(CudaContext context, nint value) : CudaHandle(context, value)
{
    public override unsafe CudaResult Destroy(CudaDriver driver) => driver.Stream.cuGraphExecDestroy(handle);
}

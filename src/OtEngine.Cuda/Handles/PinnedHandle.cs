using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Handles;

/// <summary>Host memory that the device can reach.</summary>
internal sealed class PinnedHandle(CudaContext context, nint value) : CudaHandle(context, value)
{
    public override unsafe CudaResult Destroy(CudaDriver driver) => driver.Memory.cuMemFreeHost((void*)handle);
}

using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Handles;

/// <summary>One allocation of device memory.</summary>
internal sealed class MemoryHandle(CudaContext context, nint value) : CudaHandle(context, value)
{
    public override unsafe CudaResult Destroy(CudaDriver driver) => driver.Memory.cuMemFree_v2((ulong)handle);
}

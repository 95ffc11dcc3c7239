using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Handles;

/// <summary>A point in a stream.</summary>
internal sealed class EventHandle(CudaContext context, nint value) : CudaHandle(context, value)
{
    public override unsafe CudaResult Destroy(CudaDriver driver) => driver.Stream.cuEventDestroy_v2(handle);
}

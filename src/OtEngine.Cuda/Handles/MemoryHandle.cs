using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Handles;

/// <summary>One allocation of device memory, which counts against its pool as long as it lives, even where nobody disposes it.</summary>
internal sealed class MemoryHandle(CudaContext context, nint value, DevicePool pool, long bytes) : CudaHandle(context, value)
{
    public long Bytes { get; } = bytes;

    public override unsafe CudaResult Destroy(CudaDriver driver) => driver.Memory.cuMemFree_v2((ulong)handle);

    protected override void OnReleased() => pool.Forget(Bytes);
}

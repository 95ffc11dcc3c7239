using OtEngine.Cuda.Cublas;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Handles;

/// <summary>A handle of cuBLAS (cublasHandle_t).</summary>
internal sealed class CublasHandle(CudaContext context, CublasLibrary library, nint value) : CudaHandle(context, value)
{
    /// <summary>A status that is not success has no code of the driver's.</summary>
    public override unsafe CudaResult Destroy(CudaDriver driver) => library.Functions.cublasDestroy_v2(handle) == CublasStatus.Success ? CudaResult.Success : CudaResult.Unknown;
}

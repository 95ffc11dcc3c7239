using OtEngine.Cuda.Cublas;

namespace OtEngine;

/// <summary>
/// A call of cuBLAS failed, or the configured cuBLAS (<see cref="CudaOptions.CublasPath"/>) does not serve. <see cref="CudaException.Code"/> is its
/// status (cublasStatus_t) and <see cref="CudaException.Call"/> its function; 0 and empty where no call was made.
/// </summary>
public sealed class CublasException : CudaException
{
    internal CublasException(string message, int code = 0, string call = "", bool isLost = false)
        : base(message, code, call, isLost)
    {
    }

    /// <inheritdoc/>
    public override bool IsOutOfMemory => Code == (int)CublasStatus.AllocFailed;

    /// <summary>The library's name of a status, such as CUBLAS_STATUS_ALLOC_FAILED.</summary>
    internal static string NameOf(CublasStatus status) => status switch
    {
        CublasStatus.Success => "CUBLAS_STATUS_SUCCESS",
        CublasStatus.NotInitialized => "CUBLAS_STATUS_NOT_INITIALIZED",
        CublasStatus.AllocFailed => "CUBLAS_STATUS_ALLOC_FAILED",
        CublasStatus.InvalidValue => "CUBLAS_STATUS_INVALID_VALUE",
        CublasStatus.ArchMismatch => "CUBLAS_STATUS_ARCH_MISMATCH",
        CublasStatus.MappingError => "CUBLAS_STATUS_MAPPING_ERROR",
        CublasStatus.ExecutionFailed => "CUBLAS_STATUS_EXECUTION_FAILED",
        CublasStatus.InternalError => "CUBLAS_STATUS_INTERNAL_ERROR",
        CublasStatus.NotSupported => "CUBLAS_STATUS_NOT_SUPPORTED",
        CublasStatus.LicenseError => "CUBLAS_STATUS_LICENSE_ERROR",
        _ => "an unknown status",
    };

    /// <summary>The exception of a status.</summary>
    /// <param name="status">Not success.</param>
    /// <param name="call">The function.</param>
    /// <param name="isLost">Whether the driver says that the device is lost.</param>
    /// <param name="library">The library.</param>
    /// <param name="ofCaller">Whether the handle is the caller's.</param>
    internal static CublasException Of(CublasStatus status, string call, bool isLost, string library, bool ofCaller)
    {
        string remedy = isLost ? "The device is lost to this engine; create a new one, and report the problem." : status switch
        {
            CublasStatus.NotInitialized when ofCaller =>
                "CudaOptions.ExternalCublas is no handle of that library, or one of another context; keep it until the engine is disposed (CudaOptions.CublasPath, CudaOptions.ExternalContext).",
            CublasStatus.NotInitialized or CublasStatus.ArchMismatch or CublasStatus.NotSupported =>
                "Give a cuBLAS that goes with the driver and the device (CudaOptions.CublasPath), or do without: CudaOptions.BatchInvariant.",
            CublasStatus.AllocFailed => "Multiply fewer matrices at a time, lower MemoryCap of other engines, call TrimPool, or do without cuBLAS: CudaOptions.BatchInvariant.",
            CublasStatus.MappingError or CublasStatus.ExecutionFailed => "A kernel of cuBLAS failed. Create a new engine; where it fails again, do without: CudaOptions.BatchInvariant.",
            _ => "Report the problem; until then do without cuBLAS: CudaOptions.BatchInvariant.",
        };
        return new CublasException($"{call} returned {NameOf(status)} ({(int)status}) in {library}. {remedy}", (int)status, call, isLost);
    }
}

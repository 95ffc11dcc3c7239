using OtEngine.Cuda.Driver;

namespace OtEngine.Cuda.Cublas;

/// <summary>
/// The functions of one loaded cuBLAS that the engine uses. Names are the library's own; every call returns one of its statuses. Matrices are
/// column-major; operations are 0 for the matrix and 1 for its transpose; sizes and leading dimensions are 32 bits, strides 64.
/// </summary>
internal readonly unsafe struct CublasFunctions(LibraryExports library)
{
    public readonly delegate* unmanaged<int, int*, CublasStatus> cublasGetProperty = (delegate* unmanaged<int, int*, CublasStatus>)library.Address("cublasGetProperty");
    public readonly delegate* unmanaged<nint*, CublasStatus> cublasCreate_v2 = (delegate* unmanaged<nint*, CublasStatus>)library.Address("cublasCreate_v2");
    public readonly delegate* unmanaged<nint, CublasStatus> cublasDestroy_v2 = (delegate* unmanaged<nint, CublasStatus>)library.Address("cublasDestroy_v2");
    public readonly delegate* unmanaged<nint, int*, CublasStatus> cublasGetMathMode = (delegate* unmanaged<nint, int*, CublasStatus>)library.Address("cublasGetMathMode");
    public readonly delegate* unmanaged<nint, int, CublasStatus> cublasSetMathMode = (delegate* unmanaged<nint, int, CublasStatus>)library.Address("cublasSetMathMode");
    public readonly delegate* unmanaged<nint, int*, CublasStatus> cublasGetPointerMode_v2 = (delegate* unmanaged<nint, int*, CublasStatus>)library.Address("cublasGetPointerMode_v2");
    public readonly delegate* unmanaged<nint, int, CublasStatus> cublasSetPointerMode_v2 = (delegate* unmanaged<nint, int, CublasStatus>)library.Address("cublasSetPointerMode_v2");
    public readonly delegate* unmanaged<nint, nint*, CublasStatus> cublasGetStream_v2 = (delegate* unmanaged<nint, nint*, CublasStatus>)library.Address("cublasGetStream_v2");
    public readonly delegate* unmanaged<nint, nint, CublasStatus> cublasSetStream_v2 = (delegate* unmanaged<nint, nint, CublasStatus>)library.Address("cublasSetStream_v2");
    public readonly delegate* unmanaged<nint, ulong, nuint, CublasStatus> cublasSetWorkspace_v2 = (delegate* unmanaged<nint, ulong, nuint, CublasStatus>)library.Address("cublasSetWorkspace_v2");
    public readonly delegate* unmanaged<nint, int, int, int, int, int, float*, ulong, int, long, ulong, int, long, float*, ulong, int, long, int, CublasStatus> cublasSgemmStridedBatched =
        (delegate* unmanaged<nint, int, int, int, int, int, float*, ulong, int, long, ulong, int, long, float*, ulong, int, long, int, CublasStatus>)library.Address("cublasSgemmStridedBatched");
    public readonly delegate* unmanaged<nint, int, int, int, int, int, double*, ulong, int, long, ulong, int, long, double*, ulong, int, long, int, CublasStatus> cublasDgemmStridedBatched =
        (delegate* unmanaged<nint, int, int, int, int, int, double*, ulong, int, long, ulong, int, long, double*, ulong, int, long, int, CublasStatus>)library.Address("cublasDgemmStridedBatched");
}

namespace OtEngine.Cuda.Driver;

/// <summary>Contexts. Names are the driver's own; every call returns one of its result codes.</summary>
internal readonly unsafe struct ContextFunctions(LibraryExports library)
{
    public readonly delegate* unmanaged<nint*, int, CudaResult> cuDevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, CudaResult>)library.Address("cuDevicePrimaryCtxRetain");
    public readonly delegate* unmanaged<int, CudaResult> cuDevicePrimaryCtxRelease_v2 = (delegate* unmanaged<int, CudaResult>)library.Address("cuDevicePrimaryCtxRelease_v2");
    public readonly delegate* unmanaged<nint, CudaResult> cuCtxPushCurrent_v2 = (delegate* unmanaged<nint, CudaResult>)library.Address("cuCtxPushCurrent_v2");
    public readonly delegate* unmanaged<nint*, CudaResult> cuCtxPopCurrent_v2 = (delegate* unmanaged<nint*, CudaResult>)library.Address("cuCtxPopCurrent_v2");
    public readonly delegate* unmanaged<int*, CudaResult> cuCtxGetDevice = (delegate* unmanaged<int*, CudaResult>)library.Address("cuCtxGetDevice");
    public readonly delegate* unmanaged<CudaResult> cuCtxSynchronize = (delegate* unmanaged<CudaResult>)library.Address("cuCtxSynchronize");
}

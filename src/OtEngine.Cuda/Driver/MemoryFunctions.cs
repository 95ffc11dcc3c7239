namespace OtEngine.Cuda.Driver;

/// <summary>Memory: allocations, copies, fills. Names are the driver's own; every call returns one of its result codes.</summary>
internal readonly unsafe struct MemoryFunctions(LibraryExports library)
{
    public readonly delegate* unmanaged<ulong*, nuint, CudaResult> cuMemAlloc_v2 = (delegate* unmanaged<ulong*, nuint, CudaResult>)library.Address("cuMemAlloc_v2");
    public readonly delegate* unmanaged<ulong, CudaResult> cuMemFree_v2 = (delegate* unmanaged<ulong, CudaResult>)library.Address("cuMemFree_v2");
    public readonly delegate* unmanaged<nuint*, nuint*, CudaResult> cuMemGetInfo_v2 = (delegate* unmanaged<nuint*, nuint*, CudaResult>)library.Address("cuMemGetInfo_v2");
    public readonly delegate* unmanaged<ulong*, nuint*, ulong, CudaResult> cuMemGetAddressRange_v2 = (delegate* unmanaged<ulong*, nuint*, ulong, CudaResult>)library.Address("cuMemGetAddressRange_v2");
    public readonly delegate* unmanaged<void**, nuint, uint, CudaResult> cuMemHostAlloc = (delegate* unmanaged<void**, nuint, uint, CudaResult>)library.Address("cuMemHostAlloc");
    public readonly delegate* unmanaged<void*, CudaResult> cuMemFreeHost = (delegate* unmanaged<void*, CudaResult>)library.Address("cuMemFreeHost");
    public readonly delegate* unmanaged<ulong, void*, nuint, nint, CudaResult> cuMemcpyHtoDAsync_v2 = (delegate* unmanaged<ulong, void*, nuint, nint, CudaResult>)library.Address("cuMemcpyHtoDAsync_v2");
    public readonly delegate* unmanaged<void*, ulong, nuint, nint, CudaResult> cuMemcpyDtoHAsync_v2 = (delegate* unmanaged<void*, ulong, nuint, nint, CudaResult>)library.Address("cuMemcpyDtoHAsync_v2");
    public readonly delegate* unmanaged<ulong, ulong, nuint, nint, CudaResult> cuMemcpyDtoDAsync_v2 = (delegate* unmanaged<ulong, ulong, nuint, nint, CudaResult>)library.Address("cuMemcpyDtoDAsync_v2");
    public readonly delegate* unmanaged<ulong, byte, nuint, nint, CudaResult> cuMemsetD8Async = (delegate* unmanaged<ulong, byte, nuint, nint, CudaResult>)library.Address("cuMemsetD8Async");
    public readonly delegate* unmanaged<void*, int, ulong, CudaResult> cuPointerGetAttribute = (delegate* unmanaged<void*, int, ulong, CudaResult>)library.Address("cuPointerGetAttribute");
}

namespace OtEngine.Cuda.Driver;

/// <summary>Modules, functions and launches. Names are the driver's own; every call returns one of its result codes.</summary>
internal readonly unsafe struct ModuleFunctions(LibraryExports library)
{
    public readonly delegate* unmanaged<nint*, void*, uint, int*, void**, CudaResult> cuModuleLoadDataEx = (delegate* unmanaged<nint*, void*, uint, int*, void**, CudaResult>)library.Address("cuModuleLoadDataEx");
    public readonly delegate* unmanaged<nint, CudaResult> cuModuleUnload = (delegate* unmanaged<nint, CudaResult>)library.Address("cuModuleUnload");
    public readonly delegate* unmanaged<nint*, nint, byte*, CudaResult> cuModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, CudaResult>)library.Address("cuModuleGetFunction");
    public readonly delegate* unmanaged<int*, int, nint, CudaResult> cuFuncGetAttribute = (delegate* unmanaged<int*, int, nint, CudaResult>)library.Address("cuFuncGetAttribute");
    public readonly delegate* unmanaged<nint, int, int, CudaResult> cuFuncSetAttribute = (delegate* unmanaged<nint, int, int, CudaResult>)library.Address("cuFuncSetAttribute");
    public readonly delegate* unmanaged<int*, nint, int, nuint, CudaResult> cuOccupancyMaxActiveBlocksPerMultiprocessor = (delegate* unmanaged<int*, nint, int, nuint, CudaResult>)library.Address("cuOccupancyMaxActiveBlocksPerMultiprocessor");
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult> cuLaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult>)library.Address("cuLaunchKernel");
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, CudaResult> cuLaunchCooperativeKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, CudaResult>)library.Address("cuLaunchCooperativeKernel");
}

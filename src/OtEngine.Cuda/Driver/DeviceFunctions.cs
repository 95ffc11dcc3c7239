namespace OtEngine.Cuda.Driver;

/// <summary>Initialisation and devices. Names are the driver's own; every call returns one of its result codes.</summary>
internal readonly unsafe struct DeviceFunctions(LibraryExports library)
{
    public readonly delegate* unmanaged<uint, CudaResult> cuInit = (delegate* unmanaged<uint, CudaResult>)library.Address("cuInit");
    public readonly delegate* unmanaged<int*, CudaResult> cuDriverGetVersion = (delegate* unmanaged<int*, CudaResult>)library.Address("cuDriverGetVersion");
    public readonly delegate* unmanaged<int*, CudaResult> cuDeviceGetCount = (delegate* unmanaged<int*, CudaResult>)library.Address("cuDeviceGetCount");
    public readonly delegate* unmanaged<int*, int, CudaResult> cuDeviceGet = (delegate* unmanaged<int*, int, CudaResult>)library.Address("cuDeviceGet");
    public readonly delegate* unmanaged<byte*, int, int, CudaResult> cuDeviceGetName = (delegate* unmanaged<byte*, int, int, CudaResult>)library.Address("cuDeviceGetName");
    public readonly delegate* unmanaged<nuint*, int, CudaResult> cuDeviceTotalMem_v2 = (delegate* unmanaged<nuint*, int, CudaResult>)library.Address("cuDeviceTotalMem_v2");
    public readonly delegate* unmanaged<int*, int, int, CudaResult> cuDeviceGetAttribute = (delegate* unmanaged<int*, int, int, CudaResult>)library.Address("cuDeviceGetAttribute");
    public readonly delegate* unmanaged<int, byte**, CudaResult> cuGetErrorName = (delegate* unmanaged<int, byte**, CudaResult>)library.Address("cuGetErrorName");
    public readonly delegate* unmanaged<int, byte**, CudaResult> cuGetErrorString = (delegate* unmanaged<int, byte**, CudaResult>)library.Address("cuGetErrorString");
}

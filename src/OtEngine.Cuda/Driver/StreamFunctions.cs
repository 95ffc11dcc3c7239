namespace OtEngine.Cuda.Driver;

/// <summary>Streams, events, captures and graphs. Names are the driver's own; every call returns one of its result codes.</summary>
internal readonly unsafe struct StreamFunctions(LibraryExports library)
{
    public readonly delegate* unmanaged<nint*, uint, CudaResult> cuStreamCreate = (delegate* unmanaged<nint*, uint, CudaResult>)library.Address("cuStreamCreate");
    public readonly delegate* unmanaged<nint, CudaResult> cuStreamDestroy_v2 = (delegate* unmanaged<nint, CudaResult>)library.Address("cuStreamDestroy_v2");
    public readonly delegate* unmanaged<nint, CudaResult> cuStreamSynchronize = (delegate* unmanaged<nint, CudaResult>)library.Address("cuStreamSynchronize");
    public readonly delegate* unmanaged<nint, nint, uint, CudaResult> cuStreamWaitEvent = (delegate* unmanaged<nint, nint, uint, CudaResult>)library.Address("cuStreamWaitEvent");
    public readonly delegate* unmanaged<nint, nint*, CudaResult> cuStreamGetCtx = (delegate* unmanaged<nint, nint*, CudaResult>)library.Address("cuStreamGetCtx");
    public readonly delegate* unmanaged<nint, int, CudaResult> cuStreamBeginCapture_v2 = (delegate* unmanaged<nint, int, CudaResult>)library.Address("cuStreamBeginCapture_v2");
    public readonly delegate* unmanaged<nint, nint*, CudaResult> cuStreamEndCapture = (delegate* unmanaged<nint, nint*, CudaResult>)library.Address("cuStreamEndCapture");
    public readonly delegate* unmanaged<nint*, nint, ulong, CudaResult> cuGraphInstantiateWithFlags = (delegate* unmanaged<nint*, nint, ulong, CudaResult>)library.Address("cuGraphInstantiateWithFlags");
    public readonly delegate* unmanaged<nint, nint, CudaResult> cuGraphLaunch = (delegate* unmanaged<nint, nint, CudaResult>)library.Address("cuGraphLaunch");
    public readonly delegate* unmanaged<nint, CudaResult> cuGraphDestroy = (delegate* unmanaged<nint, CudaResult>)library.Address("cuGraphDestroy");
    public readonly delegate* unmanaged<nint, CudaResult> cuGraphExecDestroy = (delegate* unmanaged<nint, CudaResult>)library.Address("cuGraphExecDestroy");
    public readonly delegate* unmanaged<nint*, uint, CudaResult> cuEventCreate = (delegate* unmanaged<nint*, uint, CudaResult>)library.Address("cuEventCreate");
    public readonly delegate* unmanaged<nint, CudaResult> cuEventDestroy_v2 = (delegate* unmanaged<nint, CudaResult>)library.Address("cuEventDestroy_v2");
    public readonly delegate* unmanaged<nint, nint, CudaResult> cuEventRecord = (delegate* unmanaged<nint, nint, CudaResult>)library.Address("cuEventRecord");
    public readonly delegate* unmanaged<nint, CudaResult> cuEventSynchronize = (delegate* unmanaged<nint, CudaResult>)library.Address("cuEventSynchronize");
    public readonly delegate* unmanaged<float*, nint, nint, CudaResult> cuEventElapsedTime = (delegate* unmanaged<float*, nint, nint, CudaResult>)library.Address("cuEventElapsedTime");
}

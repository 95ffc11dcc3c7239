namespace OtEngine.Cuda.Runtime;

/// <summary>A stream for the work of one verb.</summary>
internal readonly struct StreamLease(CudaRuntime runtime, CudaStream stream) : IDisposable
{
    public CudaStream Stream => stream;

    public void Dispose() => runtime.Return(stream);
}

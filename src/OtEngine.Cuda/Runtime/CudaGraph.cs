using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

/// <summary>Work captured once and launched as often as wanted, for the price of one call.</summary>
internal sealed class CudaGraph(ExecutableGraphHandle handle) : IDisposable
{
    public nint Handle => handle.Value;

    public void Dispose() => handle.Dispose();
}

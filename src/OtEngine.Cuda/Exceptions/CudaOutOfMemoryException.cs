namespace OtEngine;

/// <summary>The device, or the engine's share of it (<see cref="CudaOptions.MemoryCap"/>), has no memory left. The engine goes on working.</summary>
public sealed class CudaOutOfMemoryException : CudaException
{
    internal CudaOutOfMemoryException(string message, string call)
        : base(message, (int)Cuda.Driver.CudaResult.OutOfMemory, call)
    {
    }

    /// <inheritdoc/>
    public override bool IsOutOfMemory => true;
}

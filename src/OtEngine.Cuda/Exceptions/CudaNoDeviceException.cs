namespace OtEngine;

/// <summary>There is no CUDA device, or none of that ordinal.</summary>
public sealed class CudaNoDeviceException : CudaException
{
    internal CudaNoDeviceException(string message, int code, string call)
        : base(message, code, call, isLost: false)
    {
    }
}

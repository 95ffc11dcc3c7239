namespace OtEngine;

/// <summary>A kernel failed while it ran. The device is lost to this engine.</summary>
public sealed class CudaLaunchException : CudaException
{
    internal CudaLaunchException(string message, int code, string call)
        : base(message, code, call, isLost: true)
    {
    }
}

namespace OtEngine;

/// <summary>The device was lost to this engine before, or is now; the driver was not asked again.</summary>
public sealed class CudaContextLostException : CudaException
{
    internal CudaContextLostException(string message, int code = 0, string call = "")
        : base(message, code, call, isLost: true)
    {
    }
}

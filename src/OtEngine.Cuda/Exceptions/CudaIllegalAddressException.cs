namespace OtEngine;

/// <summary>A kernel touched memory that it does not own. The device is lost to this engine.</summary>
public sealed class CudaIllegalAddressException : CudaException
{
    internal CudaIllegalAddressException(string message, int code, string call)
        : base(message, code, call, isLost: true)
    {
    }
}

namespace OtEngine;

/// <summary>No CUDA driver could be loaded; the message names every path tried and the loader's reason.</summary>
public sealed class CudaLibraryNotFoundException : CudaException
{
    internal CudaLibraryNotFoundException(string message)
        : base(message)
    {
    }
}

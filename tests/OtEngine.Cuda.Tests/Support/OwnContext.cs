using NUnit.Framework;
using OtEngine.Cuda.Driver;

namespace OtEngine.Tests;

/// <summary>A context as an application makes it, current to this thread.</summary>
internal sealed unsafe class OwnContext : IDisposable
{
    private readonly LibraryExports _library;
    private readonly nint _handle;

    public OwnContext(CudaDriver driver)
    {
        _library = LibraryExports.Load([driver.Path], [])!;
        nint handle = 0;
        CudaResult made = ((delegate* unmanaged<nint*, uint, int, CudaResult>)_library.Address("cuCtxCreate_v2"))(&handle, 0, 0);
        Assert.That(made, Is.EqualTo(CudaResult.Success));
        _handle = handle;
    }

    public nint Current
    {
        get
        {
            nint current = 0;
            _ = ((delegate* unmanaged<nint*, CudaResult>)_library.Address("cuCtxGetCurrent"))(&current);
            return current;
        }
    }

    public void Dispose()
    {
        CudaResult gone = ((delegate* unmanaged<nint, CudaResult>)_library.Address("cuCtxDestroy_v2"))(_handle);
        Assert.That(gone, Is.EqualTo(CudaResult.Success));
    }
}

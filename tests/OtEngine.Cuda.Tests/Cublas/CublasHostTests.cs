using NUnit.Framework;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Cublas;

/// <summary>The base of tests that need what stands in for cuBLAS beside the host device.</summary>
public abstract class CublasHostTests : HostTests
{
    [OneTimeSetUp]
    public void RequireCublas()
    {
        if (!File.Exists(Host.CublasPath))
            Assert.Ignore(TestDevice.HowToBuild);
    }

    private protected static CudaRuntime OpenWithCublas(Action<CudaOptions>? configure = null) => Host.Open(options =>
    {
        (options.BatchInvariant, options.CublasPath) = (false, Host.CublasPath);
        configure?.Invoke(options);
    });
}

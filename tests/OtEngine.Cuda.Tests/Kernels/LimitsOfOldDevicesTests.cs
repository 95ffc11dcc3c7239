using NUnit.Framework;
using OtEngine.Cuda.Kernels;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Tests.Kernels;

/// <summary>What devices lack is no limit of theirs.</summary>
internal sealed class LimitsOfOldDevicesTests : HostTests
{
    [Test]
    public void RateOfTensorCores_IsNoNumber_WhereThereAreNone()
    {
        Host.Limit("capability", 75);
        using CudaRuntime old = Host.Open();
        Assert.That(Limits.ProductMultiplyAdds(old), Is.NaN);
    }
}

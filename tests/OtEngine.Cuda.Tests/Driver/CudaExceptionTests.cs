using NUnit.Framework;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Driver;

/// <summary>Which exception a code of the driver becomes, and which of them mean that the device is lost.</summary>
internal sealed class CudaExceptionTests : HostTests
{
    [TestCase(1, typeof(CudaException), false)]
    [TestCase(2, typeof(CudaOutOfMemoryException), false)]
    [TestCase(100, typeof(CudaNoDeviceException), false)]
    [TestCase(214, typeof(CudaContextLostException), true)]
    [TestCase(222, typeof(CudaDriverTooOldException), false)]
    [TestCase(700, typeof(CudaIllegalAddressException), true)]
    [TestCase(702, typeof(CudaLaunchException), true)]
    [TestCase(709, typeof(CudaContextLostException), true)]
    [TestCase(716, typeof(CudaIllegalAddressException), true)]
    [TestCase(719, typeof(CudaLaunchException), true)]
    [TestCase(999, typeof(CudaException), false)]
    public void Code_BecomesItsException(int code, Type type, bool isLost)
    {
        using CudaRuntime runtime = Host.Open();
        using StreamLease lease = runtime.Rent();
        Host.FailCall("cuStreamSynchronize", 1, code);
        CudaException exception = Assert.Throws(type, lease.Stream.Synchronize) as CudaException ?? throw new AssertionException("no exception of CUDA");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception.Code, Is.EqualTo(code));
            Assert.That(exception.Call, Is.EqualTo("cuStreamSynchronize"));
            Assert.That(exception.IsLost, Is.EqualTo(isLost));
            Assert.That(runtime.Context.IsLost, Is.EqualTo(isLost));
        }
    }

    [Test]
    public void AfterALostDevice_LaterCallsThrow_WithoutReachingTheDriver()
    {
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<int> buffer = runtime.Allocate<int>(4);
        Host.FailCall("cuMemcpyHtoDAsync_v2", 1, (int)CudaResult.IllegalAddress);
        Assert.Throws<CudaIllegalAddressException>(() => buffer.CopyFrom([1, 2, 3, 4], 0));
        long calls = Host.Calls;
        CudaContextLostException lost = Assert.Throws<CudaContextLostException>(() => buffer.CopyFrom([1, 2, 3, 4], 0))!;
        Assert.Throws<CudaContextLostException>(() => runtime.Allocate<int>(1 << 20));
        Assert.Throws<CudaContextLostException>(() => runtime.Function("vector", "ot_vector_map_f32"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Host.Calls, Is.EqualTo(calls));
            Assert.That(lost.Code, Is.EqualTo((int)CudaResult.IllegalAddress));
            Assert.That(lost.Message, Does.Contain("cuMemcpyHtoDAsync_v2"));
        }
    }

    [Test]
    public void DisposeAfterALostDevice_Returns()
    {
        CudaRuntime runtime = Host.Open();
        CudaBuffer<int> buffer = runtime.Allocate<int>(4);
        Host.FailCall("cuMemcpyHtoDAsync_v2", 1, (int)CudaResult.LaunchFailed);
        Assert.Throws<CudaLaunchException>(() => buffer.CopyFrom([1, 2, 3, 4], 0));
        runtime.Dispose();
        buffer.Dispose();
        runtime.Dispose();
    }
}

using NUnit.Framework;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Runtime;

/// <summary>Contexts: any thread may call, and an application's own context is current again after.</summary>
internal sealed unsafe class CudaContextTests : HostTests
{
    [Test]
    public void TenThousandThreadHops_AllFindTheContext()
    {
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<int> buffer = runtime.Allocate<int>(1);
        int hops = 0;
        Parallel.For(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, k =>
        {
            using CudaBuffer<int> own = runtime.Allocate<int>(1);
            own.CopyFrom([k], 0);
            Span<int> back = stackalloc int[1];
            own.CopyTo(back, 0);
            if (back[0] == k)
                Interlocked.Increment(ref hops);
        });
        Assert.That(hops, Is.EqualTo(10_000));
    }

    [Test]
    public void ContextOfTheCallers_IsCurrentAgain_AfterEveryCall()
    {
        CudaDriver driver = CudaDriver.Load(Host.DriverPath, []);
        using OwnContext own = new(driver);
        nint current = own.Current;
        using (CudaRuntime runtime = Host.Open())
        {
            using CudaBuffer<int> buffer = runtime.Allocate<int>(1);
            buffer.CopyFrom([1], 0);
            Assert.That(own.Current, Is.EqualTo(current));
            Assert.Throws<ArgumentOutOfRangeException>(() => buffer.CopyFrom([1, 2], 0));
            Host.FailCall("cuMemcpyHtoDAsync_v2", 1, 999);
            Assert.Throws<CudaException>(() => buffer.CopyFrom([1], 0));
            Assert.That(own.Current, Is.EqualTo(current));
        }

        Assert.That(own.Current, Is.EqualTo(current));
    }

    [Test]
    public void ContextThatIsNotGivenBackAtOnce_IsGivenBackAtTheSecondTry()
    {
        CudaDriver driver = CudaDriver.Load(Host.DriverPath, []);
        using OwnContext own = new(driver);
        nint current = own.Current;
        using CudaRuntime runtime = Host.Open();
        Host.FailCall("cuCtxPopCurrent_v2", 1, 999);
        using CudaBuffer<int> buffer = runtime.Allocate<int>(1);
        Assert.That(own.Current, Is.EqualTo(current));
        Assert.That(runtime.Context.IsLost, Is.False);
    }

    [Test]
    public void ExternalContextAndStream_AreUsed_AndOutliveTheEngine()
    {
        CudaDriver driver = CudaDriver.Load(Host.DriverPath, []);
        using OwnContext own = new(driver);
        nint stream = NewStream(driver);
        nint context = own.Current;
        using (CudaRuntime runtime = Host.Open(o => (o.ExternalContext, o.ExternalStream) = (context, stream)))
        {
            using CudaBuffer<int> buffer = runtime.Allocate<int>(1);
            buffer.CopyFrom([1], 0);
            Assert.That(Host.Live(HostObject.Streams), Is.EqualTo(1), "no stream of the engine's");
            Assert.That(Host.Live(HostObject.Contexts), Is.EqualTo(1), "no primary context");
        }

        Assert.That(Host.Live(HostObject.Contexts), Is.EqualTo(1));
        Assert.That(driver.Stream.cuStreamSynchronize(stream), Is.EqualTo(CudaResult.Success));
        Assert.That(driver.Stream.cuStreamDestroy_v2(stream), Is.EqualTo(CudaResult.Success));
    }

    [Test]
    public void StreamOfAnotherContext_IsRefused()
    {
        CudaDriver driver = CudaDriver.Load(Host.DriverPath, []);
        using OwnContext own = new(driver);
        nint stream = NewStream(driver);
        CudaException exception = Assert.Throws<CudaException>(() => Host.Open(o => o.ExternalStream = stream))!;
        Assert.That(exception.Message, Does.Contain("ExternalContext"));
        Assert.That(driver.Stream.cuStreamDestroy_v2(stream), Is.EqualTo(CudaResult.Success));
    }

    [Test]
    public void ExternalStream_ServesOneCallAtATime_FromAnyThread()
    {
        CudaDriver driver = CudaDriver.Load(Host.DriverPath, []);
        using OwnContext own = new(driver);
        nint stream = NewStream(driver);
        nint context = own.Current;
        using (CudaRuntime runtime = Host.Open(o => (o.ExternalContext, o.ExternalStream) = (context, stream)))
        {
            int right = 0;
            Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, k =>
            {
                using StreamLease outer = runtime.Rent();
                using CudaBuffer<int> buffer = runtime.Allocate<int>(1);
                buffer.CopyFrom([k], 0);
                Span<int> back = stackalloc int[1];
                outer.Stream.Download(buffer, back);
                if (back[0] == k)
                    Interlocked.Increment(ref right);
            });
            Assert.That(right, Is.EqualTo(200));
        }

        Assert.That(driver.Stream.cuStreamDestroy_v2(stream), Is.EqualTo(CudaResult.Success));
    }

    private static nint NewStream(CudaDriver driver)
    {
        nint stream = 0;
        Assert.That(driver.Stream.cuStreamCreate(&stream, 1), Is.EqualTo(CudaResult.Success));
        return stream;
    }
}

using NUnit.Framework;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Runtime;

/// <summary>Device memory: what is kept, the cap, and what happens when there is none left.</summary>
internal sealed class DevicePoolTests : HostTests
{
    [TestCase(1, 512)]
    [TestCase(512, 512)]
    [TestCase(513, 640)]
    [TestCase(640, 640)]
    [TestCase(641, 768)]
    [TestCase(1024, 1024)]
    [TestCase(1025, 1280)]
    [TestCase((1L << 40) + 1, 5L << 38)]
    public void Class_OfASize_WastesAQuarterAtMost(long bytes, long expected) => Assert.That(DevicePool.ClassOf(bytes), Is.EqualTo(expected));

    [Test]
    public void FreedMemory_IsUsedAgain_WithoutAskingTheDriver()
    {
        using CudaRuntime runtime = Host.Open();
        runtime.Allocate<double>(100).Dispose();
        long calls = Host.Calls;
        runtime.Allocate<double>(101).Dispose();
        Assert.That(Host.Calls, Is.EqualTo(calls));
    }

    [Test]
    public void TrimPool_GivesBackWhatIsNotInUse()
    {
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<byte> used = runtime.Allocate<byte>(1000);
        runtime.Allocate<byte>(5000).Dispose();
        runtime.Allocate<byte>(50_000).Dispose();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(runtime.TrimPool(), Is.EqualTo(DevicePool.ClassOf(5000) + DevicePool.ClassOf(50_000)));
            Assert.That(Host.Live(HostObject.MemoryBytes), Is.EqualTo(1024));
            Assert.That(runtime.Memory.HeldBytes, Is.EqualTo(1024));
            Assert.That(runtime.Memory.UsedBytes, Is.EqualTo(1024));
            Assert.That(runtime.TrimPool(), Is.Zero);
        }
    }

    [Test]
    public void MemoryBeyondTheCap_IsRefused_WithTheNumbers()
    {
        using CudaRuntime runtime = Host.Open(o => o.MemoryCap = 10_000);
        using CudaBuffer<byte> used = runtime.Allocate<byte>(8192);
        CudaOutOfMemoryException exception = Assert.Throws<CudaOutOfMemoryException>(() => runtime.Allocate<byte>(2000))!;
        Assert.That(exception.Message, Does.Contain("2000").And.Contain("10000").And.Contain("8192").And.Contain("MemoryCap"));
    }

    [Test]
    public void KeptMemory_MakesRoom_BelowTheCap()
    {
        using CudaRuntime runtime = Host.Open(o => o.MemoryCap = 10_000);
        runtime.Allocate<byte>(8192).Dispose();
        using CudaBuffer<byte> other = runtime.Allocate<byte>(2000);
        Assert.That(Host.Live(HostObject.MemoryBytes), Is.EqualTo(2048));
    }

    [Test]
    public void FullDevice_IsTriedAgain_AfterThePoolWasEmptied()
    {
        Host.Limit("memory", 1 << 20);
        using CudaRuntime runtime = Host.Open();
        runtime.Allocate<byte>(700_000).Dispose();
        using CudaBuffer<byte> other = runtime.Allocate<byte>(1 << 19);
        Assert.That(Host.Live(HostObject.MemoryBytes), Is.EqualTo(1 << 19));
    }

    [Test]
    public void FullDevice_IsSaid_WithTheNumbers()
    {
        Host.Limit("memory", 1 << 20);
        using CudaRuntime runtime = Host.Open();
        CudaOutOfMemoryException exception = Assert.Throws<CudaOutOfMemoryException>(() => runtime.Allocate<byte>(2 << 20))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception.Message, Does.Contain("2097152").And.Contain("1048576"));
            Assert.That(exception.Code, Is.EqualTo((int)CudaResult.OutOfMemory));
            Assert.That(exception.Call, Is.EqualTo("cuMemAlloc_v2"));
            Assert.That(runtime.Memory.HeldBytes, Is.Zero);
        }
    }

    [Test]
    public void MemoryThatNobodyDisposes_IsFreedByTheCollector_AndNoLongerCounted()
    {
        using CudaRuntime runtime = Host.Open();
        Forget(runtime);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(runtime.Memory.HeldBytes, Is.Zero);
        Assert.That(Host.Live(HostObject.MemoryBlocks), Is.Zero);
    }

    [Test]
    public void MemoryGivenBackBehindQueuedWork_IsWaitedFor()
    {
        // The copy is late; were its buffer handed on as it is, what the next owner writes would be overwritten.
        Host.Seed(3);
        using CudaRuntime runtime = Host.Open();
        using StreamLease lease = runtime.Rent();
        using (CudaBuffer<int> first = runtime.Allocate<int>(4))
            lease.Stream.Upload([1, 1, 1, 1], first);
        using CudaBuffer<int> second = runtime.Allocate<int>(4);
        second.CopyFrom([2, 2, 2, 2], 0);
        lease.Stream.Synchronize();
        int[] back = new int[4];
        second.CopyTo(back, 0);
        Assert.That(back, Is.EqualTo(new[] { 2, 2, 2, 2 }));
    }

    [Test]
    public void ManyThreads_HoldNoMoreThanTheCap()
    {
        const long Cap = 64 << 10;
        using CudaRuntime runtime = Host.Open(o => o.MemoryCap = Cap);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            Random random = new(thread);
            for (int k = 0; k < 200; k++)
            {
                try
                {
                    using CudaBuffer<byte> buffer = runtime.Allocate<byte>(random.Next(1, 40_000));
                    Assert.That(runtime.Memory.HeldBytes, Is.LessThanOrEqualTo(Cap));
                }
                catch (CudaOutOfMemoryException)
                {
                    // Others had it.
                }
            }
        });
        Assert.That(Host.Live(HostObject.MemoryBytes), Is.EqualTo(runtime.Memory.HeldBytes));
        Assert.That(runtime.Memory.UsedBytes, Is.Zero);
    }

    private static void Forget(CudaRuntime runtime) => _ = runtime.Allocate<byte>(1000);
}

using NUnit.Framework;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Runtime;

/// <summary>Lives of runtimes and of what lives in them.</summary>
internal sealed class CudaRuntimeTests : HostTests
{
    [Test]
    public void Streams_AreUsedAgain()
    {
        using CudaRuntime runtime = Host.Open();
        for (int k = 0; k < 10; k++)
            runtime.Rent().Dispose();
        Assert.That(Host.Live(HostObject.Streams), Is.EqualTo(1));
    }

    [Test]
    public void Families_AreLoadedOnce_ByManyThreads()
    {
        using CudaRuntime runtime = Host.Open();
        CudaFunction[] functions = new CudaFunction[16];
        Parallel.For(0, functions.Length, k => functions[k] = runtime.Function("vector", k % 2 == 0 ? "ot_vector_map_f32" : "ot_vector_map_f64"));
        Assert.That(Host.Live(HostObject.Modules), Is.EqualTo(1));
        Assert.That(functions.Distinct().Count(), Is.EqualTo(2));
    }

    [Test]
    public void FamilyThatFailedToLoad_IsLoadedAtTheNextCall()
    {
        using CudaRuntime runtime = Host.Open();
        Host.FailCall("cuModuleLoadDataEx", 1, 2);
        Assert.Throws<CudaOutOfMemoryException>(() => runtime.Function("vector", "ot_vector_map_f32"));
        Assert.That(runtime.Function("vector", "ot_vector_map_f32").Name, Is.EqualTo("ot_vector_map_f32"));
    }

    [Test]
    public void MemoryMayOutliveTheRuntime()
    {
        CudaRuntime runtime = Host.Open();
        CudaBuffer<int> buffer = runtime.Allocate<int>(4);
        runtime.Dispose();
        Assert.That(Host.Live(HostObject.Contexts), Is.EqualTo(1), "memory keeps its context alive");
        Assert.Throws<ObjectDisposedException>(() => buffer.CopyFrom([1], 0));
        buffer.Dispose();
        Assert.That(Host.Alive(), Is.Empty);
    }

    [Test]
    public void VerbThatRunsWhileTheRuntimeIsDisposed_EndsAsUsual()
    {
        CudaRuntime runtime = Host.Open();
        double[] back = new double[1];
        using CudaBuffer<double> x = runtime.Allocate<double>(1);
        using VectorMap map = new(runtime, 1);
        using (StreamLease lease = runtime.Rent())
        {
            runtime.Dispose();
            lease.Stream.Upload([1.0], x);
            map.Queue(lease.Stream, x, x);
            lease.Stream.Download(x, back);
            Assert.That(Host.Live(HostObject.Modules), Is.EqualTo(1));
        }

        Assert.That(back[0], Is.EqualTo(Math.E).Within(4).Ulps);
        Assert.That(Host.Live(HostObject.Modules), Is.Zero);
        Assert.Throws<ObjectDisposedException>(() => runtime.Rent());
        Assert.Throws<ObjectDisposedException>(() => runtime.Allocate<int>(4));
    }

    [Test]
    public void RacesOfDisposal_EndInAnswersOrObjectDisposedException()
    {
        for (int round = 0; round < 50; round++)
        {
            CudaRuntime runtime = Host.Open();
            using Barrier start = new(4);
            int wrong = 0;
            Thread[] threads = [.. Enumerable.Range(0, 4).Select(k => new Thread(() =>
            {
                start.SignalAndWait();
                if (k == 0)
                    runtime.Dispose();
                else if (!IsRightOrDisposed(runtime, k))
                    Interlocked.Increment(ref wrong);
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            Assert.That(wrong, Is.Zero);
        }

        Assert.That(Host.Alive(), Is.Empty);
    }

    private static bool IsRightOrDisposed(CudaRuntime runtime, int value)
    {
        try
        {
            using CudaBuffer<int> buffer = runtime.Allocate<int>(1);
            buffer.CopyFrom([value], 0);
            int[] back = new int[1];
            buffer.CopyTo(back, 0);
            return back[0] == value;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}

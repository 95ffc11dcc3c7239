using NUnit.Framework;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Runtime;

/// <summary>Transfers, launches, captures and events, with streams that run late wherever nobody waits.</summary>
internal sealed class CudaStreamTests : HostTests
{
    private static readonly double[] Numbers = [.. Enumerable.Range(0, 100).Select(k => k / 25.0)];

    [SetUp]
    public void RunStreamsLate() => Host.Seed(7);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(131_071)]
    [TestCase(131_072)]
    [TestCase(131_073)]
    [TestCase(400_009)]
    public void Transfers_OfAnyLength_GiveBackWhatWentIn(int length)
    {
        // A million bytes are staged at once.
        double[] values = [.. Enumerable.Range(0, length).Select(k => Math.Sin(k))];
        double[] back = new double[length];
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<double> buffer = runtime.Allocate<double>(length);
        buffer.CopyFrom(values, 0);
        buffer.CopyTo(back, 0);
        Assert.That(back, Is.EqualTo(values));
    }

    [Test]
    public void Upload_LeavesItsSourceFree_AtOnce()
    {
        double[] source = [.. Numbers];
        double[] back = new double[source.Length];
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<double> buffer = runtime.Allocate<double>(source.Length);
        using StreamLease lease = runtime.Rent();
        lease.Stream.Upload<double>(source, buffer);
        Array.Clear(source);
        lease.Stream.Download(buffer, back);
        Assert.That(back, Is.EqualTo(Numbers));
    }

    [Test]
    public void Transfers_AtAnOffset_TouchNothingElse()
    {
        double[] back = new double[6];
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<double> buffer = runtime.Allocate<double>(6);
        using (StreamLease lease = runtime.Rent())
            lease.Stream.Clear(buffer, 0, 6);
        buffer.CopyFrom([1, 2], 3);
        buffer.CopyTo(back, 0);
        Assert.That(back, Is.EqualTo(new double[] { 0, 0, 0, 1, 2, 0 }));
    }

    [TestCase(-1, 2)]
    [TestCase(5, 2)]
    [TestCase(0, 7)]
    public void Transfers_BeyondTheBuffer_AreRefused(int offset, int length)
    {
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<double> buffer = runtime.Allocate<double>(6);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.CopyFrom(new double[length], offset));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.CopyTo(new double[length], offset));
    }

    [Test]
    public void Launch_BehindAnUpload_SeesIt()
    {
        double[] back = new double[Numbers.Length];
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<double> x = runtime.Allocate<double>(Numbers.Length);
        using CudaBuffer<double> y = runtime.Allocate<double>(Numbers.Length);
        using VectorMap map = new(runtime, Numbers.Length);
        using StreamLease lease = runtime.Rent();
        lease.Stream.Upload<double>(Numbers, x);
        map.Queue(lease.Stream, x, y);
        lease.Stream.Download(y, back);
        Assert.That(back, Is.EqualTo(Array.ConvertAll(Numbers, Math.Exp)).Within(4).Ulps);
    }

    [Test]
    public void Graph_LaunchedTwice_DoesItsWorkTwice()
    {
        double[] back = new double[Numbers.Length];
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<double> x = runtime.Allocate<double>(Numbers.Length);
        using VectorMap map = new(runtime, Numbers.Length);
        x.CopyFrom(Array.ConvertAll(Numbers, value => value - 5), 0);
        using StreamLease lease = runtime.Rent();
        using CudaGraph graph = lease.Stream.Capture(stream => map.Queue(stream, x, x));
        lease.Stream.Launch(graph);
        lease.Stream.Launch(graph);
        lease.Stream.Download(x, back);
        Assert.That(back, Is.EqualTo(Array.ConvertAll(Numbers, value => Math.Exp(Math.Exp(value - 5)))).Within(16).Ulps);
    }

    [Test]
    public void CaptureThatThrows_LeavesAStreamThatWorks()
    {
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<double> x = runtime.Allocate<double>(Numbers.Length);
        using VectorMap map = new(runtime, Numbers.Length);
        using StreamLease lease = runtime.Rent();
        Assert.Throws<InvalidOperationException>(() => lease.Stream.Capture(_ => throw new InvalidOperationException("half way")));
        double[] back = new double[Numbers.Length];
        lease.Stream.Upload<double>(Numbers, x);
        lease.Stream.Download(x, back);
        Assert.That(back, Is.EqualTo(Numbers));
        Assert.That(Host.Live(HostObject.Graphs), Is.Zero);
    }

    [Test]
    public void CaptureThatCannotBeEnded_CostsItsStream_AndNoOther()
    {
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<double> x = runtime.Allocate<double>(Numbers.Length);
        using VectorMap map = new(runtime, Numbers.Length);
        using (StreamLease lease = runtime.Rent())
        {
            Host.FailCall("cuStreamEndCapture", 1, 999);
            Assert.Throws<CudaException>(() => lease.Stream.Capture(stream => map.Queue(stream, x, x)));
        }

        double[] back = new double[Numbers.Length];
        x.CopyFrom(Numbers, 0);
        x.CopyTo(back, 0);
        Assert.That(back, Is.EqualTo(Numbers));
    }

    [Test]
    public void WorkBehindAnEvent_WaitsForIt_AcrossStreams()
    {
        double[] back = new double[Numbers.Length];
        for (ulong seed = 1; seed < 20; seed++)
        {
            Host.Seed(seed);
            using CudaRuntime runtime = Host.Open();
            using CudaBuffer<double> x = runtime.Allocate<double>(Numbers.Length);
            using CudaBuffer<double> y = runtime.Allocate<double>(Numbers.Length);
            using VectorMap map = new(runtime, Numbers.Length);
            using StreamLease first = runtime.Rent();
            using StreamLease second = runtime.Rent();
            using CudaEvent point = new(runtime.Context);
            first.Stream.Upload<double>(Numbers, x);
            first.Stream.Record(point);
            second.Stream.Wait(point);
            map.Queue(second.Stream, x, y);
            second.Stream.Download(y, back);
            Assert.That(back, Is.EqualTo(Array.ConvertAll(Numbers, Math.Exp)).Within(4).Ulps);
        }
    }

    [Test]
    public void Events_TellTheTimeBetweenThem()
    {
        using CudaRuntime runtime = Host.Open();
        using StreamLease lease = runtime.Rent();
        using CudaEvent first = new(runtime.Context);
        using CudaEvent second = new(runtime.Context);
        lease.Stream.Record(first);
        lease.Stream.Record(second);
        Assert.That(second.MillisecondsSince(first), Is.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void WarmLaunch_AllocatesNothing()
    {
        Host.Seed(0);
        using CudaRuntime runtime = Host.Open();
        using CudaBuffer<double> x = runtime.Allocate<double>(1);
        using VectorMap map = new(runtime, 1);
        using StreamLease lease = runtime.Rent();
        lease.Stream.Clear(x, 0, 1);
        map.Queue(lease.Stream, x, x);
        lease.Stream.Synchronize();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int k = 0; k < 10; k++)
        {
            map.Queue(lease.Stream, x, x);
            lease.Stream.Synchronize();
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}

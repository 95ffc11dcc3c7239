using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.Tests;
using OtEngine.TestSupport;

namespace OtEngine.Cuda.Tests.Kernels;

/// <summary>Assignment in many launches, cancelled between them, and with every call of the driver failing once.</summary>
internal sealed class AssignmentLaunchTests : HostTests
{
    private const int Unknown = 999;

    // One that a warp solves, one for a block, one with more rows than columns, one whose state is in device memory; ties everywhere.
    private static readonly Tensor<double>[] Costs = [Draw(1, 40, 50), Draw(2, 60, 140), Draw(3, 150, 30), Draw(4, 3, 8000)];

    [Test]
    public void ManyLaunches_GiveTheBitsOfTheCpu([Values(1, 10_000)] long chunk)
    {
        using Engine cpu = Engine.Create();
        using Engine few = Host.CreateEngine();
        using Engine many = Host.CreateEngine(o => o.AssignmentChunk = chunk);

        double[] expected = Bits(cpu);
        long calls = CallsOf(() => Assert.That(Bits(few), Is.EqualTo(expected)));

        Assert.That(CallsOf(() => Assert.That(Bits(many), Is.EqualTo(expected))), Is.GreaterThan(calls));
    }

    [Test]
    public void Cancellation_BetweenLaunches_EndsTheCall_AndLeavesNothing()
    {
        using Engine engine = Host.CreateEngine(o => o.AssignmentChunk = 1);
        using CancellationTokenSource source = new();
        double[] expected = Bits(engine);
        Inserted heard = new(source);

        // The listener hears every 50 ms at most: a problem of many rows, so that there is something to hear.
        Assert.That(() => engine.Assign(Draw(5, 2000, 2001), null, heard, source.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(heard.Rows, Is.InRange(1, 1999));
        Assert.That(Bits(engine), Is.EqualTo(expected));
    }

    [Test]
    public void EveryCallThatFails_ThrowsItsCode_AndTheNextIsRight()
    {
        using Engine engine = Host.CreateEngine();
        double[] expected = Bits(engine);
        engine.TrimPool();
        long count = CallsOf(() => Bits(engine));
        int thrown = 0;
        for (long k = 1; k <= count; k++)
        {
            engine.TrimPool();
            Host.FailCall(null, k, Unknown);
            try
            {
                Assert.That(Bits(engine), Is.EqualTo(expected), $"call {k} of {count}");
            }
            catch (CudaException exception)
            {
                thrown++;
                Assert.That(exception.Code, Is.EqualTo(Unknown), $"call {k} of {count}: {exception}");
            }

            Host.FailCall(null, 0, 0);
            engine.TrimPool();
            Assert.That(Host.Live(HostObject.MemoryBytes), Is.Zero, $"memory left behind by call {k} of {count}");
            Assert.That(Bits(engine), Is.EqualTo(expected), $"after call {k} of {count} failed");
        }

        Assert.That(thrown, Is.GreaterThan(count / 2));
    }

    private static Tensor<double> Draw(int seed, int rows, int columns) =>
        Tensor.Create([.. Drawn.Uniform(seed, rows * columns).Select(u => Math.Floor(9 * u) - 4)], [rows, columns]);

    private static double[] Bits(Engine engine) =>
    [
        .. engine.AssignBatch(Costs).SelectMany(result => (double[])
            [.. result.ColumnIndices.ToArray().Select(j => (double)j), .. result.Potentials.F.ToArray(), .. result.Potentials.G.ToArray(), result.TotalCost, result.Iterations]),
    ];

    private static long CallsOf(Action work)
    {
        long before = Host.Calls;
        work();
        return Host.Calls - before;
    }

    private sealed class Inserted(CancellationTokenSource source) : IProgress<SolveProgress>
    {
        public long Rows { get; private set; }

        public void Report(SolveProgress value)
        {
            Rows = value.Iterations;
            if (Rows > 0)
                source.Cancel();
        }
    }
}

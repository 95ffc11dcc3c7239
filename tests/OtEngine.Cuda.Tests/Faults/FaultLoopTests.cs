using NUnit.Framework;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Faults;

/// <summary>
/// Every call that a solve makes of the driver fails once: a typed exception with its code, nothing leaks, the next solve is right. Each way through
/// the kernels in one of both types: the calls are the same in the other.
/// </summary>
[TestFixture(SmallSolve.Dense, false)]
[TestFixture(SmallSolve.Dense, true)]
[TestFixture(SmallSolve.Batch, true)]
[TestFixture(SmallSolve.Exact, true)]
[TestFixture(SmallSolve.PointsOfFloats, false)]
[TestFixture(SmallSolve.GridOfFloats, false)]
internal sealed class FaultLoopTests(SmallSolve solve, bool inBlocks) : FaultLoop(solve, inBlocks)
{
    private const int OutOfMemory = 2;
    private const int IllegalAddress = 700;

    /// <summary>Potentials of either backend meet the tolerance of the solve, 1e-6 in double and 1e-4 in float, of which they may be a few times off.</summary>
    private readonly double _agreement = solve >= SmallSolve.DenseOfFloats ? 1e-3 : 1e-5;

    /// <summary>Exact transport goes on on the CPU.</summary>
    private readonly bool _goesOnWithoutMemory = solve == SmallSolve.Exact;

    [TestCase(Unknown)]
    [TestCase(OutOfMemory)]
    public void EveryCallThatFails_ThrowsItsCode_AndTheNextSolveIsRight(int code)
    {
        using Engine engine = Create();
        double[] expected = Solve(engine);
        engine.TrimPool();
        long count = CallsOf(() => Solve(engine));
        int thrown = 0;
        for (long k = 1; k <= count; k++)
        {
            engine.TrimPool();
            Host.FailCall(null, k, code);
            thrown += AnswersOrThrows(engine, code, expected, $"call {k} of {count}") ? 0 : 1;
            Host.FailCall(null, 0, 0);
            engine.TrimPool();
            Assert.That(Host.Live(HostObject.MemoryBytes), Is.Zero, $"memory left behind by call {k} of {count}");
            Assert.That(Solve(engine), Is.EqualTo(expected), $"the solve after call {k} of {count} failed");
        }

        // What does not throw is tried again (contexts given back, memory after the pool was emptied) or releases something.
        Assert.That(thrown, _goesOnWithoutMemory && code == OutOfMemory ? Is.Zero : Is.GreaterThan(count / 2));
    }

    [Test]
    public void EveryCallThatLosesTheDevice_IsThrown_AndTheDriverIsNotAskedAgain()
    {
        (double[] expected, long count) = FirstSolve();
        for (long k = 1; k <= count; k++)
        {
            using (Engine engine = Create())
            {
                Host.FailCall(null, k, IllegalAddress);
                _ = AnswersOrThrows(engine, IllegalAddress, expected, $"call {k} of {count}");
                long calls = Host.Calls;
                CudaContextLostException lost = Assert.Throws<CudaContextLostException>(() => Solve(engine))!;
                Assert.That(lost.Code, Is.EqualTo(IllegalAddress));
                Assert.That(Host.Calls, Is.EqualTo(calls), $"call {k} of {count}");
            }

            RequireRelease(k, count);
        }
    }

    [Test]
    public void EveryCallThatLosesTheDevice_WithFallback_IsAnsweredByTheCpu()
    {
        using Engine cpu = Engine.Create();
        double[] byCpu = Solve(cpu);
        (_, long count) = FirstSolve();
        for (long k = 1; k <= count; k++)
        {
            List<string> heard = [];
            using (Engine engine = Create(o => (o.FallbackOnFault, o.Log) = (true, heard.Add)))
            {
                Host.FailCall(null, k, IllegalAddress);
                Assert.That(Solve(engine), Is.EqualTo(byCpu).Within(_agreement), $"call {k} of {count}");
                Assert.That(Solve(engine), Is.EqualTo(byCpu), $"after call {k} of {count}");
                Assert.That(engine.FallbackReason, Does.Contain("700"));
                Assert.That(engine.DeviceName, Is.Null);
                Assert.That(heard, Has.Count.EqualTo(1));
            }

            RequireRelease(k, count);
        }
    }

    /// <summary>What a fresh engine answers, and the calls it needs for it.</summary>
    private (double[] Answer, long Calls) FirstSolve()
    {
        using Engine engine = Create();
        double[] answer = [];
        long count = CallsOf(() => answer = Solve(engine));
        return (answer, count);
    }

    private bool AnswersOrThrows(Engine engine, int code, double[] expected, string what)
    {
        try
        {
            Assert.That(Solve(engine), Is.EqualTo(expected), what);
            return true;
        }
        catch (CudaException exception)
        {
            Assert.That(exception.Code, Is.EqualTo(code), $"{what}: {exception}");
            Assert.That(exception.Call, Is.Not.Empty, $"{what}: {exception}");
            return false;
        }
    }
}

using NUnit.Framework;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests;

/// <summary>The engine on CUDA as its users meet it.</summary>
internal sealed class EngineTests : HostTests
{
    private static readonly string MissingLibrary = Path.Combine(Path.GetTempPath(), "no-such-folder", "libcuda.so.1");

    [Test]
    public void UseCuda_WithADevice_RunsOnIt()
    {
        using Engine engine = Host.CreateEngine();
        long calls = Host.Calls;
        double[] answer = SmallProblem.Bits(engine, SmallProblem.Dense);
        using Engine cpu = Engine.Create();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(engine.FallbackReason, Is.Null);
            Assert.That(engine.DeviceName, Does.Contain("host device"));
            Assert.That(Host.Calls, Is.GreaterThan(calls));
            Assert.That(answer, Is.EqualTo(SmallProblem.Bits(cpu, SmallProblem.Dense)).Within(1e-5));
        }
    }

    [Test]
    public void UseCuda_WithoutALibrary_FallsBack_AndSaysWhyOnce()
    {
        List<string> heard = [];
        using Engine engine = Engine.Create(o => o.UseCuda(cuda => (cuda.DriverPath, cuda.Log) = (MissingLibrary, heard.Add)));
        using Engine cpu = Engine.Create();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(engine.FallbackReason, Does.Contain(MissingLibrary));
            Assert.That(engine.DeviceName, Is.Null);
            Assert.That(heard, Has.Count.EqualTo(1));
            Assert.That(SmallProblem.Bits(engine, SmallProblem.Dense), Is.EqualTo(SmallProblem.Bits(cpu, SmallProblem.Dense)));
            Assert.That(engine.TrimPool(), Is.Zero);
        }
    }

    [Test]
    public void UseCuda_WithADriverTooOld_FallsBack_AndSaysWhatIsNeeded()
    {
        Host.Limit("driver_version", 11080);
        using Engine engine = Engine.Create(o => o.UseCuda(cuda => cuda.DriverPath = Host.DriverPath));
        Assert.That(engine.FallbackReason, Does.Contain("11.8").And.Contain("needed"));
    }

    [Test]
    public void UseCuda_Required_Throws()
    {
        Assert.Throws<CudaLibraryNotFoundException>(() => Engine.Create(o => o.UseCuda(cuda => (cuda.DriverPath, cuda.Requirement) = (MissingLibrary, CudaRequirement.Required))));
        Host.Limit("devices", 0);
        Assert.Throws<CudaNoDeviceException>(() => Host.CreateEngine());
    }

    [Test]
    public void EnginesOnTwoLibraries_RunInOneProcess()
    {
        using Engine first = HostDevice.Default!.CreateEngine();
        using Engine second = Host.CreateEngine();
        Host.Limit("memory", 0);
        double[] answer = SmallProblem.Bits(first, SmallProblem.Dense);
        Assert.Throws<CudaOutOfMemoryException>(() => SmallProblem.Bits(second, SmallProblem.Dense));
        Host.Reset();
        Assert.That(SmallProblem.Bits(second, SmallProblem.Dense), Is.EqualTo(answer));
    }

    [Test]
    public void EnginesOnOneDevice_ShareIt_AndEndOnTheirOwn()
    {
        using Engine first = Host.CreateEngine();
        double[] answer = SmallProblem.Bits(first, SmallProblem.Points);
        using (Engine second = Host.CreateEngine())
            Assert.That(SmallProblem.Bits(second, SmallProblem.Points), Is.EqualTo(answer));
        Assert.That(SmallProblem.Bits(first, SmallProblem.Points), Is.EqualTo(answer));
    }

    [Test]
    public void ManyThreads_OfOneEngine_GetTheSameBits()
    {
        using Engine engine = Host.CreateEngine();
        double[] answer = SmallProblem.Bits(engine, SmallProblem.Points);
        int right = 0;
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            if (SmallProblem.Bits(engine, SmallProblem.Points).AsSpan().SequenceEqual(answer))
                Interlocked.Increment(ref right);
        });
        Assert.That(right, Is.EqualTo(64));
    }

    [Test]
    public void SolvesWhoseEngineIsDisposed_EndInAnswersOrObjectDisposedException()
    {
        SmallSolve[] solves = Enum.GetValues<SmallSolve>();
        using Engine undisturbed = Host.CreateEngine();
        double[][] expected = Array.ConvertAll(solves, solve => SmallProblem.Bits(undisturbed, solve));
        for (int round = 0; round < 40; round++)
        {
            int kind = round % solves.Length;
            Engine engine = Host.CreateEngine();
            if (round % 2 == 0)
                _ = SmallProblem.Bits(engine, solves[kind]);
            int wrong = 0;
            using Barrier start = new(3);
            Thread[] threads = [.. Enumerable.Range(0, 3).Select(k => new Thread(() =>
            {
                start.SignalAndWait();
                if (k == 0)
                    engine.Dispose();
                else if (!IsRightOrDisposed(engine, solves[kind], expected[kind]))
                    Interlocked.Increment(ref wrong);
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            Assert.That(wrong, Is.Zero, $"round {round}, {solves[kind]}");
        }
    }

    [Test]
    public void PlanAfterItsEngine_SaysThatItIsDisposed()
    {
        Engine engine = Host.CreateEngine();
        using TransportResult<double> result = engine.Solve(SmallProblem.Dense, SmallProblem.Solver);
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => result.Plan.Materialize());
        Assert.Throws<ObjectDisposedException>(() => engine.Solve(SmallProblem.Dense, SmallProblem.Solver));
    }

    [Test]
    public void LateStreams_ChangeNoBit()
    {
        using Engine engine = Host.CreateEngine();
        double[] expected = SmallProblem.Bits(engine, SmallProblem.Points);
        for (ulong seed = 1; seed <= 10; seed++)
        {
            Host.Seed(seed);
            Assert.That(SmallProblem.Bits(engine, SmallProblem.Points), Is.EqualTo(expected), $"seed {seed}");
            Assert.That(SmallProblem.Bits(engine, SmallProblem.Dense), Has.Length.GreaterThan(0));
        }
    }

    private static bool IsRightOrDisposed(Engine engine, SmallSolve solve, double[] expected)
    {
        try
        {
            return SmallProblem.Bits(engine, solve).AsSpan().SequenceEqual(expected);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}

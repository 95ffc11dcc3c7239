using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Whose the passes over all pairs are, what is heard of them, and what becomes of a problem whose passes fail.</summary>
internal sealed class RemotePassesTests
{
    private static readonly Exact Hybrid = new() { Method = ExactMethod.Hybrid };

    private static readonly HybridCase Problem = HybridCase.Draw("cloud", 17, 60, 50);

    [Test]
    public void Solve_OnARemoteBackend_MakesItsPassesThere_AndMeasuresTheViolationOnce()
    {
        RemoteCpu backend = new();
        using Engine engine = backend.CreateEngine();
        Prove(engine.Solve(Dense, Hybrid), "alone");
        (int sweeps, int lists, int violations) = backend.Calls;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sweeps, Is.Positive);

            // F before and after the sweeps, G from the sample and of all atoms, near arcs and those that would improve the basis, both by side.
            Assert.That(lists, Is.GreaterThanOrEqualTo(8));
            Assert.That(violations, Is.EqualTo(1));
        }

        foreach (TransportResult<double> result in engine.SolveBatch([Dense, Dense, Dense], Hybrid))
            Prove(result, "in a batch");
        Assert.That(backend.Calls, Is.EqualTo((4 * sweeps, 4 * lists, 4)));
        Prove(engine.Solve(Dense, new Exact()), "by its size");
        Assert.That(backend.Calls.Violations, Is.EqualTo(4), "few atoms are this machine's");
    }

    [Test]
    public void Solve_WhereACallFindsNoMemory_IsAnsweredHere()
    {
        int call = 1;
        for (; ; call++)
        {
            RemoteCpu backend = new() { FailsAt = call };
            using Engine engine = backend.CreateEngine();
            Prove(engine.Solve(Dense, Hybrid), $"call {call}");
            if (!backend.HasFailed)
                break;
        }

        Assert.That(call, Is.GreaterThan(10), "each of the calls has failed once");
    }

    [Test]
    public void Solve_WithoutMemoryForThePasses_GivesTheBitsOfTheCpu()
    {
        using Engine engine = new RemoteCpu { FailsAt = 1 }.CreateEngine();
        using TransportResult<double> actual = engine.Solve(Dense, Hybrid), expected = Engines.Cpu.Solve(Dense, Hybrid);
        SameBits.Check(actual, expected, "all of it here");
    }

    [Test]
    public void SolveBatch_WhereOneProblemFindsNoMemory_AnswersAll([Values(1, 3)] int threads)
    {
        RemoteCpu backend = new() { FailsAt = 25 };
        using Engine engine = backend.CreateEngine(o => o.Threads = threads);
        foreach (TransportResult<double> result in engine.SolveBatch([Dense, Dense, Dense, Dense], Hybrid))
            Prove(result, "of the batch");
        Assert.That(backend.HasFailed, Is.True);
        Assert.That(backend.Calls.Violations, Is.GreaterThanOrEqualTo(3), "of the others");
    }

    [Test]
    public void Solve_OnABackendThatIsLost_Throws()
    {
        foreach (int call in (int[])[1, 4, 9])
        {
            using Engine engine = new RemoteCpu { FailsAt = call, IsLostThen = true }.CreateEngine();
            Assert.That(() => engine.Solve(Dense, Hybrid), Throws.InstanceOf<DeviceException>(), $"call {call}");
        }
    }

    [Test]
    public void SolveBatch_ReportsProblemsAndPivots_AndNoSweepsOfItsPasses()
    {
        RemoteCpu backend = new() { BeforeSweep = () => Thread.Sleep(HeardProgress.UntilTheNext) };
        using Engine engine = backend.CreateEngine(o => o.Threads = 1);
        HeardProgress heard = new();
        foreach (TransportResult<double> result in engine.SolveBatch([Dense, Dense, Dense], Hybrid, heard))
            Prove(result, "of the batch");

        // So few pivots are not worth a report.
        Assert.That(heard.Reports, Is.EqualTo(new SolveProgress[] { new(1, 3, 0), new(2, 3, 0), new(3, 3, 0) }));
    }

    private static TransportProblem<double> Dense => ExactInputs.Dense<double>(Problem.Cost, Problem.A, Problem.B);

    private static void Prove(TransportResult<double> result, string name)
    {
        ExactEvidence.Proves(result, Problem.Cost, Problem.A, Problem.B, name);
        result.Dispose();
    }
}

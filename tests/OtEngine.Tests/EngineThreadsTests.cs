using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

internal sealed class EngineThreadsTests
{
    [Test]
    public void OneEngine_UsedByEightThreadsAtOnce_GivesTheBitsOfALoop()
    {
        const int Callers = 8;
        TransportProblem<double>[] problems =
        [
            .. Enumerable.Range(0, 24).Select(k => ExactInputs.Points<double>(
                Drawn.Cloud(k, 7 + k, 2), Drawn.Cloud(k + 50, 31 - k, 2), 2, Cost.Euclidean, Drawn.ExactWeights(k, 7 + k), Drawn.ExactWeights(k + 50, 31 - k))),
        ];
        TransportResult<double>[] expected = [.. problems.Select(p => Engines.SingleThreaded.Solve(p, new Exact()))];
        using Engine engine = Engine.Create(o => o.Threads = 3);
        using Barrier start = new(Callers);
        List<string> differences = [];
        Thread[] callers = [.. Enumerable.Range(0, Callers).Select(caller => new Thread(() =>
        {
            start.SignalAndWait();
            for (int repeat = 0; repeat < 5; repeat++)
            {
                IReadOnlyList<TransportResult<double>> actual = caller % 2 == 0
                    ? engine.SolveBatch(problems, new Exact())
                    : [.. problems.Select(p => engine.Solve(p, new Exact()))];
                for (int k = 0; k < problems.Length; k++)
                {
                    if (SameBits.Differ(actual[k], expected[k]) is { } difference)
                    {
                        lock (differences)
                            differences.Add($"caller {caller}, problem {k}: {difference}");
                    }
                }
            }
        }))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        Assert.That(differences, Is.Empty);
    }
}

using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Large square assignment problems whose passes over all pairs are a remote backend's.</summary>
internal sealed class RemoteAssignmentTests
{
    private const int Count = 40;

    /// <summary>Only a test that fails takes as long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Assignment Hybrid = new() { HybridRows = 1 };

    [Test]
    public void Assign_WhereACallFindsNoMemory_IsLeftToTheVerb()
    {
        AssignmentResult expected = Engines.Cpu.Assign(Costs(1));
        int call = 1;
        for (; ; call++)
        {
            RemoteCpu backend = new() { FailsAt = call };
            using Engine engine = backend.CreateEngine();
            AssignmentResult actual = engine.Assign(Costs(1), Hybrid);
            Assert.That(actual.ColumnIndices.ToArray(), Is.EqualTo(expected.ColumnIndices.ToArray()), $"call {call}");
            Assert.That(actual.Status, Is.EqualTo(SolveStatus.Converged), $"call {call}");
            if (!backend.HasFailed)
            {
                Assert.That(actual.Iterations, Is.Not.EqualTo(expected.Iterations), "not transport's");
                break;
            }

            Assert.That(actual.Iterations, Is.EqualTo(expected.Iterations), $"call {call}: not the verb's");
        }

        Assert.That(call, Is.GreaterThan(10), "each of the calls has failed once");
    }

    [Test]
    public void AssignBatch_OfLargeProblems_SolvesThemAtOnce()
    {
        using CountdownEvent both = new(2);
        bool met = true;
        RemoteCpu backend = new()
        {
            BeforeSweep = () =>
            {
                _ = both.IsSet || both.Signal();
                if (!both.Wait(Patience))
                    met = false;
            },
        };
        using Engine engine = backend.CreateEngine(o => o.Threads = 2);
        _ = engine.AssignBatch([Costs(1), Costs(2)], Hybrid);
        Assert.That(met, Is.True, "one waits for the sweep of the other");
    }

    [Test]
    public void AssignBatch_ReportsEachProblemThatTransportSettles()
    {
        RemoteCpu backend = new() { BeforeSweep = () => Thread.Sleep(HeardProgress.UntilTheNext) };
        using Engine engine = backend.CreateEngine(o => o.Threads = 1);
        HeardProgress heard = new();
        _ = engine.AssignBatch([Costs(1), Costs(2), Costs(3)], Hybrid, heard);
        Assert.That(heard.Reports, Is.EqualTo(new SolveProgress[] { new(1, 3, 0), new(2, 3, 0), new(3, 3, 0) }));
    }

    private static Tensor<double> Costs(int seed) => Tensor.Create(Drawn.Cloud(seed, Count * Count, 1), [Count, Count]);
}

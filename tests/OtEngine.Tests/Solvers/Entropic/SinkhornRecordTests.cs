using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Recording a history changes no bit of an answer, and the history tells of every sweep once.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public sealed class SinkhornRecordTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Sweeps over the schedule's stages and relaxed ones; more than a backend does before the solver looks; one that ends at once.</summary>
    private static IEnumerable<Sinkhorn> Solvers =>
    [
        new() { EpsilonRelative = .02, NewtonFinish = false },
        new() { EpsilonRelative = .05, Tolerance = 0, MaxIterations = 1100 },
        new() { EpsilonRelative = .05, MaxIterations = 1 },
    ];

    [Test]
    public void Solve_Recorded_GivesTheBitsOfTheSilentOne([ValueSource(nameof(Solvers))] Sinkhorn solver)
    {
        TransportProblem<T> problem = Problem(23, 31, 1);
        using TransportResult<T> silent = Engines.Default.Solve(problem, solver);
        using TransportResult<T> recorded = Engines.Default.Solve(problem, solver with { RecordHistory = true });

        Assert.That(EntropicBits.Differ(recorded, silent, history: false), Is.Null);
        RequireComplete(recorded);
    }

    [Test]
    public void Solve_RecordedWhereGuardsObject_GivesTheBitsOfTheSilentOne()
    {
        // Potentials so far off that terms under- and overflow: the first sweep is redone by shifted sums.
        double[] f = new double[23], g = new double[31];
        f[4] = -3000;
        g[5] = 2000;
        Sinkhorn solver = new() { Epsilon = .1, NewtonFinish = false, WarmStart = new DualPotentials(f, g) };
        TransportProblem<T> problem = Problem(23, 31, 2);
        using TransportResult<T> silent = Engines.Default.Solve(problem, solver);
        using TransportResult<T> recorded = Engines.Default.Solve(problem, solver with { RecordHistory = true });

        Assert.That(EntropicBits.Differ(recorded, silent, history: false), Is.Null);
        RequireComplete(recorded);
    }

    [Test]
    public void SolveBatch_SmallAndLargeRecorded_GivesTheBitsAndHistoriesOfTheLoop()
    {
        Sinkhorn solver = new() { EpsilonRelative = .05, MaxIterations = 60, NewtonFinish = false };
        TransportProblem<T>[] problems = [Problem(17, 29, 3), Problem(260, 310, 4), Problem(1, 6, 5), Problem(40, 33, 6)];
        IReadOnlyList<TransportResult<T>> recorded = Engines.Default.SolveBatch(problems, solver with { RecordHistory = true });
        for (int k = 0; k < problems.Length; k++)
        {
            using TransportResult<T> silent = Engines.Default.Solve(problems[k], solver);
            using TransportResult<T> alone = Engines.Default.Solve(problems[k], solver with { RecordHistory = true });
            Assert.That(EntropicBits.Differ(recorded[k], silent, history: false), Is.Null, $"problem {k}");
            Assert.That(EntropicBits.Differ(recorded[k], alone), Is.Null, $"problem {k}");
            RequireComplete(recorded[k]);
            recorded[k].Dispose();
        }
    }

    private static void RequireComplete(TransportResult<T> result)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.History.Select(point => point.Iteration), Is.EqualTo(Enumerable.Range(0, (int)result.Iterations).Select(k => (long)k)));
            Assert.That(result.History.Select(point => point.Epsilon), Is.Ordered.Descending);
            Assert.That(result.History[^1].Epsilon, Is.EqualTo(result.Epsilon));
            Assert.That(result.History.Select(point => point.MarginalErrorA), Is.All.GreaterThanOrEqualTo(0));
        }
    }

    private static TransportProblem<T> Problem(int n, int m, int seed) =>
        ExactInputs.Dense<T>(Drawn.Uniform(seed, n * m), Drawn.ExactWeights(seed, n), Drawn.ExactWeights(seed + 10, m));
}

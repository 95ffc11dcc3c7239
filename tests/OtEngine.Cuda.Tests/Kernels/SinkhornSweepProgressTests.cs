using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>What a listener hears of long sweeps on a device.</summary>
internal sealed class SinkhornSweepProgressTests : HostTests
{
    // More than the solver asks of a backend at a time.
    private const int Sweeps = 1100;

    [Test]
    public void Solve_LongerThanOneCallOfTheVerb_ReportsSweepsThatNeverGoBack([Values] bool inBlocks)
    {
        using Engine engine = Host.CreateEngine(cuda => cuda.SolvesInBlocks = inBlocks);
        Listener listener = new();
        TransportProblem<double> problem = ExactInputs.Dense<double>(Drawn.Uniform(1, 21 * 18), Drawn.ExactWeights(2, 21), Drawn.ExactWeights(3, 18));
        using TransportResult<double> result = engine.Solve(problem, new Sinkhorn { Tolerance = 0, MaxIterations = Sweeps }, listener);

        TestContext.Out.WriteLine(string.Join(' ', listener.Heard));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Iterations, Is.EqualTo(Sweeps));
            Assert.That(listener.Heard, Is.Not.Empty.And.Ordered.And.All.InRange(0, Sweeps));
            Assert.That(listener.Heard, Has.Some.GreaterThan(0));
        }
    }

    /// <summary>Hears on the thread that reports.</summary>
    private sealed class Listener : IProgress<SolveProgress>
    {
        public List<long> Heard { get; } = [];

        /// <summary>Once the problem is completed there are no iterations of any to tell of.</summary>
        public void Report(SolveProgress value)
        {
            if (value.Completed == 0)
                Heard.Add(value.Iterations);
        }
    }
}

using NUnit.Framework;
using OtEngine.Cuda;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>How often a solve calls the driver: sweeps are captured once for a table, and each look at them costs the same few calls.</summary>
internal sealed class SinkhornSweepCallsTests : HostTests
{
    private const int Unknown = 999;
    private const int Chunk = 8;
    private static readonly double[] A = Drawn.ExactWeights(2, 21);
    private static readonly double[] B = Drawn.ExactWeights(3, 18);
    private readonly DenseGeometry<double> _geometry = new(Drawn.Uniform(1, 21 * 18), 21, 18);

    [Test]
    public void Workspace_SolvedAgain_CapturesNothing()
    {
        using Engine engine = Create();
        using SinkhornWorkspace<double> workspace = new();
        Sinkhorn solver = Plain(5 * Chunk);
        long first = Solve(engine, workspace, solver);
        Host.FailCall("cuStreamBeginCapture_v2", 1, Unknown);
        long second = Solve(engine, workspace, solver);
        long third = Solve(engine, workspace, solver);
        TestContext.Out.WriteLine($"{first} calls, then {second}");
        Assert.That(second, Is.LessThan(first));
        Assert.That(third, Is.EqualTo(second));
    }

    [Test]
    public void Solve_LongerThanOneCallOfTheVerb_CapturesOnce()
    {
        using Engine engine = Create();
        Host.FailCall("cuStreamBeginCapture_v2", 2, Unknown);
        using TransportResult<double> result = engine.Solve(TransportProblem.On(_geometry).WithWeights(A, B), new Sinkhorn { Tolerance = 0, MaxIterations = 1100 });
        Assert.That(result.Iterations, Is.EqualTo(1100));
    }

    [Test]
    public void EightMoreSweeps_CostThreeMoreCallsThatDoSomething()
    {
        // A launch, a copy of the controls, a wait; each makes the context current and leaves it.
        const int CallsOfOne = 3;
        using Engine engine = Create();
        long few = Calls(engine, 5);
        long more = Calls(engine, 15);
        TestContext.Out.WriteLine($"{few} calls for 5 graphs, {more} for 15");
        Assert.That(more - few, Is.EqualTo(10 * 3 * CallsOfOne));
    }

    private static Engine Create() => Host.CreateEngine(cuda => (cuda.SolvesInBlocks, cuda.SweepsOnChip) = (false, false));

    /// <summary>Of a second solve in a workspace.</summary>
    private long Calls(Engine engine, int chunks)
    {
        using SinkhornWorkspace<double> workspace = new();
        Sinkhorn solver = Plain(chunks * Chunk);
        _ = Solve(engine, workspace, solver);
        return Solve(engine, workspace, solver);
    }

    private static Sinkhorn Plain(int sweeps) => new() { Tolerance = 0, MaxIterations = sweeps };

    private long Solve(Engine engine, SinkhornWorkspace<double> workspace, Sinkhorn solver)
    {
        long before = Host.Calls;
        SinkhornSummary summary = workspace.Solve(engine, _geometry, A, B, solver, new double[21], new double[18], CancellationToken.None);
        Assert.That(summary.Iterations, Is.EqualTo(solver.MaxIterations));
        return Host.Calls - before;
    }
}

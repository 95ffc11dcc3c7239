using System.Numerics;
using NUnit.Framework;
using OtEngine.Cuda;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Sweeps whose exponents stay in shared memory give the bits of those that read them from device memory.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class SinkhornResidentTests<T> : HostTests
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Unknown = 999;

    [TestCase(1, 9, 4)]
    [TestCase(16, 17, 4)]
    [TestCase(33, 257, 4)]
    [TestCase(70, 131, 4)]
    [TestCase(290, 40, 1)]
    [TestCase(97, 263, 2)]
    public void Solve_OnChip_GivesTheBitsOfGraphs(int n, int m, int multiprocessors)
    {
        // With few multiprocessors a block has several parts of the rows.
        Host.Limit("multiprocessors", multiprocessors);
        Compare(Problem(n, m), new Sinkhorn { EpsilonRelative = .02, MaxIterations = 140, NewtonFinish = false });
    }

    [Test]
    public void Solve_OnChipWhereGuardsObject_GivesTheBitsOfGraphs()
    {
        double[] f = new double[40], g = new double[31];
        f[Array.FindIndex(Drawn.ExactWeights(40, 40), weight => weight > 0)] = -3000;
        Compare(Problem(40, 31), new Sinkhorn { Epsilon = .1, MaxIterations = 50, NewtonFinish = false, WarmStart = new DualPotentials(f, g) });
    }

    [Test]
    public void Solve_OfOneProblemThatFits_LaunchesCooperatively()
    {
        using Engine engine = Create(onChip: true);
        Host.FailCall("cuLaunchCooperativeKernel", 1, Unknown);
        Assert.Throws<CudaException>(() => engine.Solve(Problem(40, 31), SmallProblem.Solver).Dispose());
    }

    [TestCase("cooperative", 0)]
    [TestCase("shared_opt_in", 49 << 10)]
    public void Solve_OnADeviceThatCannot_TakesGraphs(string limit, int value)
    {
        // A part of 16 rows needs more than 48 KiB.
        Host.Limit(limit, value);
        using Engine engine = Create(onChip: true);
        Host.FailCall("cuLaunchCooperativeKernel", 1, Unknown);
        using TransportResult<T> result = engine.Solve(Problem(30, 900), new Sinkhorn { EpsilonRelative = .5 });
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
    }

    private static void Compare(TransportProblem<T> problem, Sinkhorn solver)
    {
        using Engine onChip = Create(onChip: true);
        using Engine graphs = Create(onChip: false);
        using TransportResult<T> actual = onChip.Solve(problem, solver);
        using TransportResult<T> expected = graphs.Solve(problem, solver);
        Assert.That(EntropicBits.Differ(actual, expected), Is.Null);
        Assert.That(expected.Iterations, Is.GreaterThan(0));
    }

    private static Engine Create(bool onChip) => Host.CreateEngine(cuda => (cuda.SolvesInBlocks, cuda.SweepsOnChip) = (false, onChip));

    private static TransportProblem<T> Problem(int n, int m) => ExactInputs.Dense<T>(Drawn.Uniform(n + m, n * m), Drawn.ExactWeights(n, n), Drawn.ExactWeights(m + 1, m));
}

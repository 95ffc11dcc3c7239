using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>How the hybrid method runs: the same bits on any threads, its limits, its ways out.</summary>
internal sealed class HybridRunTests
{
    private static readonly Exact Hybrid = new() { Method = ExactMethod.Hybrid };

    private static readonly Exact Simplex = new() { Method = ExactMethod.NetworkSimplex };

    [TestCase("cloud")]
    [TestCase("integer")]
    [TestCase("clustered")]
    public void Solve_OnOneTwoAndSevenThreads_GivesTheSameBits(string kind)
    {
        HybridCase problem = HybridCase.Draw(kind, 6, 1900, 1100);
        TransportProblem<double> dense = ExactInputs.Dense<double>(problem.Cost, problem.A, problem.B);
        using Engine two = Engine.Create(o => o.Threads = 2);
        using TransportResult<double> expected = Engines.SingleThreaded.Solve(dense, Hybrid);
        using TransportResult<double> onTwo = two.Solve(dense, Hybrid);
        using TransportResult<double> onSeven = Engines.SevenThreads.Solve(dense, Hybrid);
        SameBits.Check(onTwo, expected, "two threads");
        SameBits.Check(onSeven, expected, "seven threads");
    }

    [Test]
    public void SolveBatch_GivesTheBitsOfItsLoop()
    {
        TransportProblem<double>[] problems = [.. new[] { 700, 90, 1, 640, 300 }.Select((n, k) => HybridCase.Draw("cloud", 60 + k, n, n + (5 * k)))
            .Select(c => ExactInputs.Dense<double>(c.Cost, c.A, c.B))];
        IReadOnlyList<TransportResult<double>> batch = Engines.SevenThreads.SolveBatch(problems, Hybrid);
        for (int k = 0; k < problems.Length; k++)
        {
            using TransportResult<double> alone = Engines.SingleThreaded.Solve(problems[k], Hybrid);
            SameBits.Check(batch[k], alone, $"problem {k}");
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    public void Solve_PastTheLimitOfRounds_GoesOnWithAllArcs(int rounds)
    {
        HybridCase problem = HybridCase.Draw("wide", 7, 700, 650);
        TransportProblem<double> dense = ExactInputs.Dense<double>(problem.Cost, problem.A, problem.B);
        using TransportResult<double> expected = Engines.Default.Solve(dense, Simplex);
        using TransportResult<double> free = Engines.Default.Solve(dense, Hybrid);
        using TransportResult<double> limited = Engines.Default.Solve(dense, Hybrid with { HybridRounds = rounds });
        Assert.That(limited.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(RelativeError.Of(limited.TransportCost, expected.TransportCost), Is.LessThanOrEqualTo(1e-12));
        Assert.That(limited.Iterations, Is.Not.EqualTo(free.Iterations), "the limit was not reached");
    }

    [Test]
    public void Solve_WithFewPivots_EndsWithAFeasiblePlan()
    {
        HybridCase problem = HybridCase.Draw("clustered", 8, 400, 350);
        TransportProblem<double> dense = ExactInputs.Dense<double>(problem.Cost, problem.A, problem.B);
        using TransportResult<double> result = Engines.Default.Solve(dense, Hybrid with { MaxIterations = 3 });
        Assert.That(result.Status, Is.EqualTo(SolveStatus.MaxIterations));
        Assert.That(result.Iterations, Is.EqualTo(3));
        Assert.That(ExactEvidence.Flaws(result, problem.Cost, problem.A, problem.B), Is.Empty);
    }

    [TestCase(1e-300)]
    [TestCase(1e32)]
    [TestCase(1e300)]
    public void Solve_CostsOfAnyMagnitude_AgreesWithTheDenseSimplex(double scale)
    {
        HybridCase problem = HybridCase.Draw("cloud", 9, 150, 140);
        TransportProblem<double> dense = ExactInputs.Dense<double>([.. problem.Cost.Select(c => c * scale / 100)], problem.A, problem.B);
        Agree(dense);
    }

    [TestCase(1e32)]
    [TestCase(1e300)]
    public void Solve_AFewHugeCosts_AgreesWithTheDenseSimplex(double huge)
    {
        HybridCase problem = HybridCase.Draw("cloud", 10, 150, 140);
        foreach (int every in new[] { 2, 3, 17 })
            Agree(ExactInputs.Dense<double>([.. problem.Cost.Select((c, k) => k % every == 0 ? huge : c)], problem.A, problem.B));
    }

    [Test]
    public void Solve_NegativeAndEqualCosts_AgreesWithTheDenseSimplex()
    {
        HybridCase problem = HybridCase.Draw("cloud", 11, 90, 70);
        Agree(ExactInputs.Dense<double>([.. problem.Cost.Select(c => -c)], problem.A, problem.B));
        Agree(ExactInputs.Dense<double>([.. problem.Cost.Select(_ => 3.0)], problem.A, problem.B));
        Agree(ExactInputs.Dense<double>([.. problem.Cost.Select(_ => 0.0)], problem.A, problem.B));
    }

    [Test]
    public void Solve_CostsOfPointsBeyondDouble_EndsAsWithTheDenseSimplex()
    {
        double[] x = [.. Drawn.Cloud(1, 80, 1).Select(v => v * 1e200)];
        TransportProblem<double> problem = ExactInputs.Points<double>(x, Drawn.Cloud(2, 80, 1), 1, Cost.SquaredEuclidean, Drawn.Weights(3, 80), Drawn.Weights(4, 80));
        using TransportResult<double> expected = Engines.Default.Solve(problem, Simplex);
        using TransportResult<double> actual = Engines.Default.Solve(problem, Hybrid);
        Assert.That(actual.Status, Is.EqualTo(expected.Status).And.Not.EqualTo(SolveStatus.Converged));
    }

    [Test]
    public void SolveCosts_GivesTheCostsOfTheDenseSimplex()
    {
        const int Bins = 80;
        DenseGeometry<float> geometry = new(ExactInputs.To<float>(Drawn.Costs(1, Bins, Bins, 9)), Bins, Bins);
        float[] histograms = [.. Enumerable.Range(0, 6).SelectMany(k => ExactInputs.To<float>(Drawn.ExactWeights(k, Bins)))];
        (int First, int Second)[] pairs = [(0, 1), (2, 3), (4, 5), (1, 1)];
        double[] expected = new double[pairs.Length];
        double[] actual = new double[pairs.Length];
        Engines.Default.SolveCosts<float>(geometry, histograms, pairs, Simplex, expected);
        Engines.Default.SolveCosts<float>(geometry, histograms, pairs, Hybrid, actual);
        for (int k = 0; k < pairs.Length; k++)
            Assert.That(RelativeError.Of(actual[k], expected[k]), Is.LessThanOrEqualTo(1e-12), $"pair {k}");
    }

    private static void Agree(TransportProblem<double> problem)
    {
        using TransportResult<double> expected = Engines.Default.Solve(problem, Simplex);
        using TransportResult<double> actual = Engines.Default.Solve(problem, Hybrid);
        Assert.That(actual.Status, Is.EqualTo(expected.Status));
        Assert.That(RelativeError.Of(actual.TransportCost, expected.TransportCost), Is.LessThanOrEqualTo(1e-12));
    }
}

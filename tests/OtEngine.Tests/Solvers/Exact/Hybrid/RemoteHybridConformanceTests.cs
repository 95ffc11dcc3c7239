using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>
/// Exact transport whose passes over all pairs are the verbs of another backend: the optimal cost of the dense simplex of the CPU, with a
/// certificate that is checked anew, on problems of every kind.
/// </summary>
internal sealed class RemoteHybridConformanceTests
{
    /// <summary>Both costs are sums over a basis, each term rounded once, of optima that are equal but for the slack of pricing.</summary>
    private const double SameCost = 1e-12;

    private static readonly Exact Hybrid = new() { Method = ExactMethod.Hybrid };

    private static readonly Exact Simplex = new() { Method = ExactMethod.NetworkSimplex };

    [TestCaseSource(typeof(HybridCase), nameof(HybridCase.Kinds))]
    public void SolveBatch_OfProblemsOfAllSizes_AgreesWithTheDenseSimplex(string kind)
    {
        HybridCase[] problems = [.. HybridCase.Small.Where(c => c.Name.StartsWith(kind, StringComparison.Ordinal) && !c.Name.EndsWith("seed 2", StringComparison.Ordinal))];
        Agree<double>(problems);
    }

    [Test]
    public void SolveBatch_OfFloats_AgreesWithTheDenseSimplex() =>
        Agree<float>([.. HybridCase.Kinds.Select((kind, k) => HybridCase.Draw(kind, 70 + k, 40 + k, 55 - k))]);

    [TestCase("cloud")]
    [TestCase("clustered")]
    [TestCase("wide")]
    public void Solve_ProblemsLargerThanTheSample_AgreesWithTheDenseSimplex(string kind) => Agree<double>([HybridCase.Draw(kind, 80, 640, 570)]);

    [TestCase(2)]
    [TestCase(9)]
    public void Solve_Points_AgreesWithTheDenseSimplex(int dimension)
    {
        const int Count = 140;
        double[] a = Drawn.Weights(3, Count), b = Drawn.Weights(4, Count + 7);
        foreach (Cost cost in new[] { Cost.SquaredEuclidean, Cost.Euclidean, Cost.Manhattan, Cost.Chebyshev, Cost.PNorm(3, 2), Cost.Cosine })
        {
            Agree(ExactInputs.Points<float>(Drawn.Cloud(1, Count, dimension), Drawn.Cloud(2, Count + 7, dimension, 0.3), dimension, cost, a, b), $"{cost}");
            Agree(ExactInputs.Points<double>(Drawn.Cloud(1, Count, dimension), Drawn.Cloud(2, Count + 7, dimension, 0.3), dimension, cost, a, b), $"{cost}");
        }
    }

    [Test]
    public void Solve_Grids_AgreesWithTheDenseSimplex()
    {
        GridGeometry<double> grid = new([9, 11], 0.25);
        Agree(TransportProblem.On(grid).WithWeights(Drawn.Weights(1, 99), Drawn.Weights(2, 99)), "9 x 11");
        Agree(TransportProblem.On(new GridGeometry<float>([3, 4, 5], 0.25)).WithWeights(ExactInputs.To<float>(Drawn.Weights(3, 60)), ExactInputs.To<float>(Drawn.Weights(4, 60))), "3 x 4 x 5");
    }

    [Test]
    public void SolveBatch_GivesTheBitsOfItsLoop()
    {
        TransportProblem<double>[] problems = [.. new[] { 90, 1, 130, 30 }.Select((n, k) => HybridCase.Draw("cloud", 60 + k, n, n + (5 * k)))
            .Select(c => ExactInputs.Dense<double>(c.Cost, c.A, c.B))];
        IReadOnlyList<TransportResult<double>> batch = Engines.Remote.SolveBatch(problems, Hybrid);
        for (int k = 0; k < problems.Length; k++)
        {
            using TransportResult<double> alone = Engines.Remote.Solve(problems[k], Hybrid);
            SameBits.Check(batch[k], alone, $"problem {k}");
            batch[k].Dispose();
        }
    }

    [Test]
    public void SolveBatch_WithASparseProblemAmongOthers_SolvesAll()
    {
        HybridCase problem = HybridCase.Draw("cloud", 90, 60, 50);
        TransportProblem<double>[] problems =
        [
            ExactInputs.Dense<double>(problem.Cost, problem.A, problem.B), ExactInputs.Sparse<double>(problem.Cost, problem.A, problem.B),
        ];
        IReadOnlyList<TransportResult<double>> batch = Engines.Remote.SolveBatch(problems, Hybrid);
        foreach (TransportResult<double> result in batch)
        {
            ExactEvidence.Proves(result, problem.Cost, problem.A, problem.B, "one of the two");
            result.Dispose();
        }
    }

    [Test]
    public void SolveCosts_GivesTheCostsOfTheDenseSimplex()
    {
        const int Bins = 80;
        DenseGeometry<float> geometry = new(ExactInputs.To<float>(Drawn.Costs(1, Bins, Bins, 9)), Bins, Bins);
        float[] histograms = [.. Enumerable.Range(0, 6).SelectMany(k => ExactInputs.To<float>(Drawn.ExactWeights(k, Bins)))];
        (int First, int Second)[] pairs = [(0, 1), (2, 3), (4, 5), (1, 1)];
        double[] expected = new double[pairs.Length], actual = new double[pairs.Length];
        Engines.Cpu.SolveCosts<float>(geometry, histograms, pairs, Simplex, expected);
        Engines.Remote.SolveCosts<float>(geometry, histograms, pairs, Hybrid, actual);
        for (int k = 0; k < pairs.Length; k++)
            Assert.That(RelativeError.Of(actual[k], expected[k]), Is.LessThanOrEqualTo(SameCost), $"pair {k}");
    }

    [Test]
    public void Solve_FromItsOwnPotentials_NeedsHardlyAPivot()
    {
        HybridCase problem = HybridCase.Draw("cloud", 3, 300, 250);
        TransportProblem<double> dense = ExactInputs.Dense<double>(problem.Cost, problem.A, problem.B);
        using TransportResult<double> first = Engines.Remote.Solve(dense, Hybrid);
        using TransportResult<double> second = Engines.Remote.Solve(dense, Hybrid with { WarmStart = first.Potentials });
        Assert.That(second.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(RelativeError.Of(second.TransportCost, first.TransportCost), Is.LessThanOrEqualTo(SameCost));
        Assert.That(second.Iterations, Is.LessThanOrEqualTo(27), "a twentieth of the atoms");
    }

    [Test]
    public void Solve_FromAnyPotentials_AgreesWithTheDenseSimplex()
    {
        HybridCase problem = HybridCase.Draw("cloud", 5, 100, 130);
        TransportProblem<double> dense = ExactInputs.Dense<double>(problem.Cost, problem.A, problem.B);
        foreach (double size in new[] { 0, 1, 1e6, 1e300 })
        {
            DualPotentials start = new(
                Array.ConvertAll(Drawn.Cloud(8, 100, 1), v => size * Math.Tanh(v)), Array.ConvertAll(Drawn.Cloud(9, 130, 1), v => size * Math.Tanh(v)));
            Agree(dense, $"potentials of size {size}", Hybrid with { WarmStart = start });
        }
    }

    [Test]
    public void Solve_FromPotentialsOfAnotherSize_IsRefused() => Assert.That(
        () => Engines.Remote.Solve(TransportProblem.On(new DenseGeometry<double>(new double[6], 2, 3)), Hybrid with { WarmStart = new DualPotentials(new double[3], new double[3]) }),
        Throws.InstanceOf<ProblemException>());

    [Test]
    public void Solve_NegativeAndEqualCosts_AgreesWithTheDenseSimplex()
    {
        HybridCase problem = HybridCase.Draw("cloud", 11, 90, 70);
        foreach (Func<double, double> map in new Func<double, double>[] { c => -c, _ => 3, _ => 0 })
            Agree(ExactInputs.Dense<double>(Array.ConvertAll(problem.Cost, c => map(c)), problem.A, problem.B), $"{map(2)}");
    }

    [TestCase(1e-300)]
    [TestCase(1e32)]
    [TestCase(1e300)]
    public void Solve_CostsOfAnyMagnitude_EndsAsWithTheDenseSimplex(double scale)
    {
        HybridCase problem = HybridCase.Draw("cloud", 9, 70, 80);
        EndsAlike(ExactInputs.Dense<double>(Array.ConvertAll(problem.Cost, c => c * scale / 100), problem.A, problem.B));
        foreach (int every in new[] { 2, 17 })
            EndsAlike(ExactInputs.Dense<double>([.. problem.Cost.Select((c, k) => k % every == 0 ? scale : c)], problem.A, problem.B));
    }

    [Test]
    public void Solve_CostsOfPointsBeyondDouble_EndsAsWithTheDenseSimplex()
    {
        double[] x = [.. Drawn.Cloud(1, 80, 1).Select(v => v * 1e200)];
        TransportProblem<double> problem = ExactInputs.Points<double>(x, Drawn.Cloud(2, 80, 1), 1, Cost.SquaredEuclidean, Drawn.Weights(3, 80), Drawn.Weights(4, 80));
        using TransportResult<double> expected = Engines.Cpu.Solve(problem, Simplex);
        using TransportResult<double> actual = Engines.Remote.Solve(problem, Hybrid);
        Assert.That(actual.Status, Is.EqualTo(expected.Status).And.Not.EqualTo(SolveStatus.Converged));
    }

    [Test]
    public void Solve_WithFewPivots_EndsWithAFeasiblePlan()
    {
        HybridCase problem = HybridCase.Draw("clustered", 8, 200, 150);
        using TransportResult<double> result = Engines.Remote.Solve(ExactInputs.Dense<double>(problem.Cost, problem.A, problem.B), Hybrid with { MaxIterations = 3 });
        Assert.That(result.Status, Is.EqualTo(SolveStatus.MaxIterations));
        Assert.That(result.Iterations, Is.EqualTo(3));
        Assert.That(ExactEvidence.Flaws(result, problem.Cost, problem.A, problem.B), Is.Empty);
    }

    private static void Agree<T>(HybridCase[] problems)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TransportProblem<T>[] dense = [.. problems.Select(c => ExactInputs.Dense<T>(c.Cost, c.A, c.B))];
        IReadOnlyList<TransportResult<T>> expected = Engines.Cpu.SolveBatch(dense, Simplex);
        IReadOnlyList<TransportResult<T>> actual = Engines.Remote.SolveBatch(dense, Hybrid);
        using (Assert.EnterMultipleScope())
        {
            for (int k = 0; k < problems.Length; k++)
            {
                HybridCase problem = problems[k];
                ExactEvidence.Proves(actual[k], ExactInputs.Seen<T>(problem.Cost), ExactInputs.Seen<T>(problem.A), ExactInputs.Seen<T>(problem.B), problem.Name);
                Assert.That(RelativeError.Of(actual[k].TransportCost, expected[k].TransportCost), Is.LessThanOrEqualTo(SameCost), problem.Name);
                actual[k].Dispose();
                expected[k].Dispose();
            }
        }
    }

    private static void Agree<T>(TransportProblem<T> problem, string name, Exact? solver = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using TransportResult<T> expected = Engines.Cpu.Solve(problem, Simplex);
        using TransportResult<T> actual = Engines.Remote.Solve(problem, solver ?? Hybrid);
        Assert.That(actual.Status, Is.EqualTo(SolveStatus.Converged), name);
        Assert.That(RelativeError.Of(actual.TransportCost, expected.TransportCost), Is.LessThanOrEqualTo(SameCost), name);
        Assert.That(RelativeError.Of(actual.DualCost, expected.TransportCost), Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble), name);
    }

    private static void EndsAlike(TransportProblem<double> problem)
    {
        using TransportResult<double> expected = Engines.Cpu.Solve(problem, Simplex);
        using TransportResult<double> actual = Engines.Remote.Solve(problem, Hybrid);
        Assert.That(actual.Status, Is.EqualTo(expected.Status));
        Assert.That(RelativeError.Of(actual.TransportCost, expected.TransportCost), Is.LessThanOrEqualTo(SameCost));
    }
}

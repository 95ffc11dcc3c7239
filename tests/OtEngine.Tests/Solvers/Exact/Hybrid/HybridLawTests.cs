using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>The hybrid method gives the optimal cost of the dense simplex, with a certificate, on problems of every kind.</summary>
internal sealed class HybridLawTests
{
    /// <summary>Both costs are sums over a basis, each term rounded once, of optima that are equal but for the slack of pricing.</summary>
    private const double SameCost = 1e-12;

    private static readonly Exact Hybrid = new() { Method = ExactMethod.Hybrid };

    private static readonly Exact Simplex = new() { Method = ExactMethod.NetworkSimplex };

    [TestCaseSource(typeof(HybridCase), nameof(HybridCase.Kinds))]
    public void Solve_SmallProblems_AgreesWithTheDenseSimplex(string kind)
    {
        foreach (HybridCase problem in HybridCase.Small.Where(c => c.Name.StartsWith(kind, StringComparison.Ordinal)))
        {
            Agrees<double>(problem);
            Agrees<float>(problem);
        }
    }

    [TestCaseSource(typeof(HybridCase), nameof(HybridCase.Large))]
    public void Solve_ProblemsLargerThanTheSample_AgreesWithTheDenseSimplex(HybridCase problem) => Agrees<double>(problem);

    [TestCase(2, 0L)]
    [TestCase(2, 1L << 28)]
    [TestCase(9, 0L)]
    [TestCase(9, 1L << 28)]
    public void Solve_Points_AgreesWithTheDenseSimplexWithinAnyBudget(int dimension, long budget)
    {
        const int Count = 640;
        using Engine engine = Engine.Create(o => o.CostMatrixBudget = budget);
        foreach (Cost cost in new[] { Cost.SquaredEuclidean, Cost.Euclidean, Cost.Manhattan, Cost.PNorm(3, 2) })
        {
            TransportProblem<float> problem = ExactInputs.Points<float>(
                Drawn.Cloud(1, Count, dimension), Drawn.Cloud(2, Count + 7, dimension, 0.3), dimension, cost, Drawn.Weights(3, Count), Drawn.Weights(4, Count + 7));
            using TransportResult<float> expected = engine.Solve(problem, Simplex);
            using TransportResult<float> actual = engine.Solve(problem, Hybrid);
            Assert.That(actual.Status, Is.EqualTo(SolveStatus.Converged), $"{cost}");
            Assert.That(RelativeError.Of(actual.TransportCost, expected.TransportCost), Is.LessThanOrEqualTo(SameCost), $"{cost}");
        }
    }

    [Test]
    public void Solve_FromItsOwnPotentials_NeedsHardlyAPivot()
    {
        HybridCase problem = HybridCase.Draw("cloud", 3, 800, 700);
        TransportProblem<double> dense = ExactInputs.Dense<double>(problem.Cost, problem.A, problem.B);
        using TransportResult<double> first = Engines.Default.Solve(dense, Hybrid);
        using TransportResult<double> second = Engines.Default.Solve(dense, Hybrid with { WarmStart = first.Potentials });
        Assert.That(second.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(RelativeError.Of(second.TransportCost, first.TransportCost), Is.LessThanOrEqualTo(SameCost));
        Assert.That(second.Iterations, Is.LessThanOrEqualTo(80), "a twentieth of the atoms");
    }

    [Test]
    public void Solve_FromAnyPotentials_AgreesWithTheDenseSimplex()
    {
        HybridCase problem = HybridCase.Draw("cloud", 5, 300, 330);
        TransportProblem<double> dense = ExactInputs.Dense<double>(problem.Cost, problem.A, problem.B);
        using TransportResult<double> expected = Engines.Default.Solve(dense, Simplex);
        foreach (double size in new[] { 0, 1, 1e6, 1e300 })
        {
            DualPotentials start = new(
                Array.ConvertAll(Drawn.Cloud(8, 300, 1), v => size * Math.Tanh(v)), Array.ConvertAll(Drawn.Cloud(9, 330, 1), v => size * Math.Tanh(v)));
            using TransportResult<double> actual = Engines.Default.Solve(dense, Hybrid with { WarmStart = start });
            Assert.That(actual.Status, Is.EqualTo(SolveStatus.Converged), $"potentials of size {size}");
            Assert.That(RelativeError.Of(actual.TransportCost, expected.TransportCost), Is.LessThanOrEqualTo(SameCost), $"potentials of size {size}");
        }
    }

    private static void Agrees<T>(HybridCase problem)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TransportProblem<T> dense = ExactInputs.Dense<T>(problem.Cost, problem.A, problem.B);
        using TransportResult<T> expected = Engines.Default.Solve(dense, Simplex);
        using TransportResult<T> actual = Engines.Default.Solve(dense, Hybrid);
        Assert.That(expected.Status, Is.EqualTo(SolveStatus.Converged), problem.Name);
        ExactEvidence.Proves(actual, ExactInputs.Seen<T>(problem.Cost), ExactInputs.Seen<T>(problem.A), ExactInputs.Seen<T>(problem.B), problem.Name);
        Assert.That(RelativeError.Of(actual.TransportCost, expected.TransportCost), Is.LessThanOrEqualTo(SameCost), problem.Name);
    }
}

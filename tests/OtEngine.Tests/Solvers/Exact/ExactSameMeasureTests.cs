using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Solvers.Exact;

/// <summary>Transport of a measure to itself costs nothing, and nothing is no share of anything.</summary>
public sealed class ExactSameMeasureTests
{
    private const int Side = 6;

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(7)]
    public void Solve_HistogramToItself_ConvergesToZero(int seed)
    {
        double[] weights = Drawn.Weights(seed, Side * Side);
        using var engine = Engine.Create();

        using var result = engine.Solve(TransportProblem.On(Pixels()).WithWeights(weights, weights), new OtEngine.Exact());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(result.TransportCost, Is.Zero);
        }
    }

    [Test]
    public void SolveCosts_HistogramToItself_IsZero()
    {
        double[] histograms = [.. Drawn.Weights(3, Side * Side), .. Drawn.Weights(4, Side * Side)];
        double[] costs = new double[2];
        using var engine = Engine.Create();

        engine.SolveCosts(Pixels(), histograms, [(0, 0), (1, 1)], new OtEngine.Exact(), costs);

        Assert.That(costs, Is.All.Zero);
    }

    private static DenseGeometry<double> Pixels()
    {
        double[] grid = [.. from i in Enumerable.Range(0, Side) from j in Enumerable.Range(0, Side) from c in new[] { i, j } select (double)c];
        return new DenseGeometry<double>(NaiveCost.SquaredEuclidean.Between(grid, grid, 2), Side * Side, Side * Side);
    }
}

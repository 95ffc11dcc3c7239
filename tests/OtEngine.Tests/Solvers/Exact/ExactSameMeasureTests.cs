using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Solvers.Exact;

/// <summary>
/// Transport of a measure to itself costs nothing, and nothing is no share of anything. Where the two copies differ by roundings
/// of their weights, it costs as little as those.
/// </summary>
public sealed class ExactSameMeasureTests
{
    private const int Side = 6;

    /// <summary>A few roundings (2^-53) of a mass of one, moved over the largest cost, 50.</summary>
    private const double RoundingsMoved = 50 * 8.0 / (1L << 53);

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

    [TestCase(3)]
    [TestCase(0.7)]
    [TestCase(7919)]
    public void SolveCosts_ProportionalHistogramsScaledToOne_IsRounding(double factor)
    {
        const int Count = 12;
        double[] histograms = [.. Enumerable.Range(0, Count).SelectMany(k => Scaled(Drawn.Weights(k, Side * Side), 1).Concat(Scaled(Drawn.Weights(k, Side * Side), factor)))];
        (int, int)[] pairs = [.. Enumerable.Range(0, Count).Select(k => (2 * k, (2 * k) + 1))];
        double[] costs = new double[Count];
        using var engine = Engine.Create();

        engine.SolveCosts(Pixels(), histograms, pairs, new OtEngine.Exact(), costs);

        Assert.That(costs, Is.All.InRange(0, RoundingsMoved));
    }

    [TestCase(1e-16)]
    [TestCase(1e-13)]
    [TestCase(1e-11)]
    public void Solve_WeightsThatDifferALittle_Converges(double difference)
    {
        double[] a = Scaled(Drawn.Weights(5, Side * Side), 1);
        double[] b = Scaled([.. a.Select((weight, i) => i % 3 == 0 ? weight + difference : weight)], 1);
        using var engine = Engine.Create();

        using var result = engine.Solve(TransportProblem.On(Pixels()).WithWeights(a, b), new OtEngine.Exact());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(Math.Abs(result.UpperBound - result.LowerBound), Is.LessThan(RoundingsMoved));
        }
    }

    [Test]
    public void Solve_AtomsSplitInTwo_Converges()
    {
        double[] x = [0, 0, 0, 1, 1, 2, 2, 2];
        double[] a = [0.1, 0.2, 0, 0.3, 0.1, 0.15, 0.05, 0.1];
        using var engine = Engine.Create();

        using var result = engine.Solve(
            TransportProblem.On(new PointCloudGeometry<double>(x, [0, 1, 2], 1, Cost.Euclidean)).WithWeights(a, [0.3, 0.4, 0.3]), new OtEngine.Exact());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(result.TransportCost, Is.InRange(0, RoundingsMoved));
        }
    }

    /// <summary>Costs r_i + s_j + c_ij with r and s of 1e10 and sums near zero: the digits of c are lost, and the status says so.</summary>
    [Test]
    public void Solve_CostsOfBothSignsThatCancel_DoesNotClaimConvergence()
    {
        const int Count = 23;
        const double Size = 1e10;
        double[] r = Drawn.Weights(7, Count);
        double[] s = Drawn.Weights(8, Count);
        double[] c = Drawn.Weights(9, Count * Count);
        double[] costs = [.. from i in Enumerable.Range(0, Count) from j in Enumerable.Range(0, Count) select (Size * (r[i] - r.Average())) + (Size * (s[j] - s.Average())) + c[(i * Count) + j]];
        using var engine = Engine.Create();

        using var result = engine.Solve(TransportProblem.On(new DenseGeometry<double>(costs, Count, Count)), new OtEngine.Exact());

        Assert.That(result.Status, Is.EqualTo(SolveStatus.Stalled));
    }

    private static double[] Scaled(double[] weights, double factor)
    {
        double[] larger = Array.ConvertAll(weights, weight => weight * factor);
        double total = larger.Sum();
        return Array.ConvertAll(larger, weight => weight / total);
    }

    private static DenseGeometry<double> Pixels()
    {
        double[] grid = [.. from i in Enumerable.Range(0, Side) from j in Enumerable.Range(0, Side) from c in new[] { i, j } select (double)c];
        return new DenseGeometry<double>(NaiveCost.SquaredEuclidean.Between(grid, grid, 2), Side * Side, Side * Side);
    }
}

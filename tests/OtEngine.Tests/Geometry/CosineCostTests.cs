using NUnit.Framework;

namespace OtEngine.Tests.Geometry;

/// <summary>The cosine cost of nearly parallel points, whose digits 1 - x.y loses.</summary>
public sealed class CosineCostTests
{
    /// <summary>Roundings of unit coordinates, 2^-53 each, over |x - y|: 4 * 2^-53 / sqrt(c), for a cost c of 1e-18 or more.</summary>
    private const double SmallAngles = 1e-6;

    /// <summary>Sums of at most 19 terms with a rounding each.</summary>
    private const double WideAngles = 32.0 / (1L << 53);

    [TestCase(2)]
    [TestCase(7)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(19)]
    public void Solve_NearlyParallelPoints_CostHasItsDigits(int dimension)
    {
        double[] slopes = [1e-3, 3e-5, 0, 7e-7, 1.4e-9];
        double[] weights = [0.1, 0.2, 0.3, 0, 0.4];
        using var engine = Engine.Create();
        for (int k = 0; k < slopes.Length; k++)
        {
            double[] alone = new double[slopes.Length];
            alone[k] = 1;
            Assert.That(Cost(engine, dimension, slopes, alone), Is.EqualTo(Exact(slopes[k])).Within(SmallAngles * Exact(slopes[k])), $"slope {slopes[k]}");
        }

        double expected = slopes.Zip(weights, (slope, weight) => weight * Exact(slope)).Sum();
        Assert.That(Cost(engine, dimension, slopes, weights), Is.EqualTo(expected).Within(SmallAngles * expected));
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(17)]
    public void Solve_OppositePoints_CostIsTwoAndNoMore(int dimension)
    {
        double[] x = [.. Enumerable.Range(1, dimension).Select(k => 1.0 / k)];
        double[] y = [.. x.Select(coordinate => -3.1 * coordinate)];
        using var engine = Engine.Create();

        using var result = engine.Solve(TransportProblem.On(new PointCloudGeometry<double>(x, y, dimension, OtEngine.Cost.Cosine)), new OtEngine.Exact());

        Assert.That(result.TransportCost, Is.InRange(2 - WideAngles, 2.0));
    }

    private static double Cost(Engine engine, int dimension, double[] slopes, double[] weights)
    {
        // Lengths differ, and do not matter.
        double[] x = new double[dimension];
        x[0] = 1000;
        double[] y = new double[slopes.Length * dimension];
        for (int j = 0; j < slopes.Length; j++)
            (y[j * dimension], y[((j + 1) * dimension) - 1]) = (j + 1, slopes[j] * (j + 1));
        PointCloudGeometry<double> geometry = new(x, y, dimension, OtEngine.Cost.Cosine);
        using var result = engine.Solve(TransportProblem.On(geometry).WithWeights([1.0], weights), new OtEngine.Exact());
        return result.TransportCost;
    }

    /// <summary>1 - 1 / sqrt(1 + t^2), without cancellation.</summary>
    private static double Exact(double slope) => slope * slope / (1 + (slope * slope) + Math.Sqrt(1 + (slope * slope)));
}

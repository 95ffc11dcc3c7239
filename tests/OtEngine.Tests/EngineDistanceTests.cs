using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
public sealed class EngineDistanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // A handful of roundings in double of sums of up to 18 terms, and a root.
    private const double Rounding = 1e-13;

    [TestCase(1, 1)]
    [TestCase(7, 2)]
    [TestCase(8, 3)]
    [TestCase(18, 5)]
    public void Distance_IsTheRootOfTheLeastCostOfTheMatrix(int count, int dimension)
    {
        double[] x = ExactInputs.Seen<T>(Drawn.Cloud(count, count, dimension));
        double[] y = ExactInputs.Seen<T>(Drawn.Cloud(count + 100, count, dimension));
        foreach (double p in (double[])[1, 2, 3])
        {
            double[] costs = NaiveCost.PNorm(2, p).Between(x, y, dimension);
            double least = Engines.Default.Assign(Tensor.Create(costs, [count, count])).TotalCost / count;
            double distance = Engines.Default.Distance(
                Tensor.Create(ExactInputs.To<T>(x), [count, dimension]), Tensor.Create(ExactInputs.To<T>(y), [count, dimension]), p);
            Assert.That(RelativeError.Of(distance, Math.Pow(least, 1 / p)), Is.LessThanOrEqualTo(Rounding), $"p = {p}");
        }
    }

    [Test]
    public void Distance_OfPointsMovedTogether_IsHowFar()
    {
        T[] x = ExactInputs.To<T>(Drawn.CoincidingCloud(3, 23, 2));
        T[] y = [.. x.Select((v, k) => v + T.CreateChecked(k % 2 == 0 ? 3 : 4))];
        foreach (double p in (double[])[1, 1.5, 2, 3])
            Assert.That(Engines.Default.Distance(Tensor.Create(x, [23, 2]), Tensor.Create(y, [23, 2]), p), Is.EqualTo(5).Within(5 * Rounding), $"p = {p}");
    }

    [Test]
    public void ResultDistance_IsDefinedForPowersOfMetricsAndOfUnitMass()
    {
        // A quarter of the mass 4 moves by (3, 4), the rest stays; the last atoms have no mass.
        double[] x = [1, 1, 9, 9, 50, 50];
        double[] y = [4, 5, 9, 9, -7, 2];
        (Cost Cost, double? Distance)[] cases =
        [
            (Cost.Euclidean, 1.25), (Cost.SquaredEuclidean, 2.5), (Cost.Manhattan, 1.75), (Cost.Chebyshev, 1),
            (Cost.PNorm(2, 3), Math.Cbrt(31.25)), (Cost.PNorm(1, 2), 3.5), (Cost.Cosine, null), (Cost.PNorm(2, 0.5), null),
        ];
        foreach ((Cost cost, double? expected) in cases)
        {
            TransportProblem<T> problem = ExactInputs.Points<T>(x, y, 2, cost, [1, 3, 0], [1, 3, 0]);
            using TransportResult<T> result = Engines.Default.Solve(problem, new Exact());
            Assert.That(result.Distance, expected is { } distance ? Is.EqualTo(distance).Within(distance * Rounding) : Is.NaN, $"{cost}");
        }
    }

    [Test]
    public void ResultDistance_OfAMatrix_IsDefinedWhereItsPowerIsGiven()
    {
        double[] cost = [0, 8, 64, 8, 0, 8];
        double[] a = [3, 1];
        double[] b = [2, 2, 0];
        using TransportResult<T> unknown = Engines.Default.Solve(ExactInputs.Dense<T>(cost, a, b), new Exact());
        using TransportResult<T> cubed = Engines.Default.Solve(ExactInputs.Dense<T>(cost, a, b, metricPower: 3), new Exact());
        using TransportResult<T> sparse = Engines.Default.Solve(ExactInputs.Sparse<T>(cost, a, b), new Exact());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(unknown.Distance, Is.NaN);
            Assert.That(cubed.Distance, Is.EqualTo(Math.Cbrt(2)).Within(Rounding));
            Assert.That(sparse.Distance, Is.NaN);
        }
    }
}

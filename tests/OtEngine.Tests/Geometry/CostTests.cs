using NUnit.Framework;

namespace OtEngine.Tests.Geometry;

[TestFixture]
internal sealed class CostTests
{
    [Test]
    public void Default_IsTheSquaredEuclideanCost()
    {
        Assert.That(default(Cost), Is.EqualTo(Cost.SquaredEuclidean));
        Assert.That(Cost.PNorm(2, 2), Is.EqualTo(Cost.SquaredEuclidean));
        Assert.That(default(Cost).MetricPower, Is.EqualTo(2));
        Assert.That(default(Cost).Norm, Is.EqualTo(2));
    }

    [Test]
    public void Default_GivesADistance()
    {
        using Engine engine = Engine.Create();
        var geometry = new PointCloudGeometry<double>([0, 0, 1, 0], [3, 4, 1, 0], 2, default);

        using TransportResult<double> result = engine.Solve(TransportProblem.On(geometry).WithWeights([0.25, 0.75], [0.25, 0.75]), new Exact());

        Assert.That(result.Distance, Is.EqualTo(Math.Sqrt(0.25 + (0.25 * 20))).Within(1e-15));
    }

    [TestCase(0.5, 1)]
    [TestCase(double.NaN, 1)]
    [TestCase(2, 0)]
    [TestCase(2, -1)]
    [TestCase(2, double.PositiveInfinity)]
    [TestCase(2, double.NaN)]
    public void PNorm_OutOfRange_IsRefused(double p, double q) =>
        Assert.That(() => Cost.PNorm(p, q), Throws.TypeOf<ProblemException>().With.Property(nameof(ProblemException.Error)).EqualTo(ProblemError.OutOfRange));

    [Test]
    public void MetricPower_OfWhatIsNoPowerOfAMetric_IsNull()
    {
        Assert.That(Cost.Cosine.MetricPower, Is.Null);
        Assert.That(Cost.PNorm(3, 0.5).MetricPower, Is.Null);
        Assert.That(Cost.PNorm(3, 1.5).MetricPower, Is.EqualTo(1.5));
        Assert.That(Cost.Chebyshev.MetricPower, Is.EqualTo(1));
    }
}

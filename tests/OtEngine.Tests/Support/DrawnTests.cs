using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

public sealed class DrawnTests
{
    [Test]
    public void Weights_HaveZerosAndATotalOfOne()
    {
        double[] weights = Drawn.Weights(3, 101);

        Assert.That(weights, Has.Some.Zero.And.Some.Positive.And.None.Negative);
        Assert.That(weights.Sum(), Is.EqualTo(1).Within(1e-14));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(97)]
    public void ExactWeights_OfAnySize_SumToOneExactly(int count) =>
        Assert.That(Drawn.ExactWeights(5, count).Sum(), Is.EqualTo(1));

    [Test]
    public void ExactWeights_ManySeeds_AreNeverNegative() =>
        Assert.That(Enumerable.Range(0, 100).SelectMany(seed => Drawn.ExactWeights(seed, 13)), Is.All.GreaterThanOrEqualTo(0));

    [Test]
    public void WideWeights_SpanTheirOrders()
    {
        double[] weights = Drawn.WideWeights(1, 200, 12);

        Assert.That(Math.Log10(weights.Max() / weights.Min()), Is.InRange(11, 12));
    }

    [Test]
    public void SameSeed_GivesTheSameNumbers()
    {
        double[] cloud = Drawn.Cloud(7, 11, 3);

        Assert.That(Drawn.Cloud(7, 11, 3), Is.EqualTo(cloud));
        Assert.That(Drawn.Cloud(8, 11, 3), Is.Not.EqualTo(cloud));
    }

    [Test]
    public void CoincidingCloud_RepeatsPoints() =>
        Assert.That(Drawn.CoincidingCloud(2, 31, 2).Chunk(2).Select(p => (p[0], p[1])).Distinct().Count(), Is.LessThanOrEqualTo(16));

    [Test]
    public void Without_Atoms_EverythingIsEmpty()
    {
        Assert.That(Drawn.Weights(1, 0), Is.Empty);
        Assert.That(Drawn.ExactWeights(1, 0), Is.Empty);
        Assert.That(Drawn.Cloud(1, 0, 3), Is.Empty);
    }
}

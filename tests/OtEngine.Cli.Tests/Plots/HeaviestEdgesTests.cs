using OtEngine.Cli.Plots;

namespace OtEngine.Cli.Tests.Plots;

[TestFixture]
internal sealed class HeaviestEdgesTests
{
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(100)]
    public void ToArray_HasTheHeaviestFromLightToHeavy(int capacity)
    {
        var random = new Random(29);
        double[] masses = [.. Enumerable.Range(0, 41).Select(k => k % 6 == 0 ? 0 : random.Next(1, 9) / 8.0)];
        var edges = new HeaviestEdges(capacity);
        edges.AddRow(3, masses);

        PlanEdge[] expected =
        [
            .. Enumerable.Range(0, 41).Where(j => masses[j] > 0).OrderByDescending(j => masses[j]).ThenBy(j => j).Take(capacity)
                .Select(j => new PlanEdge(3, j, masses[j])).Reverse(),
        ];
        Assert.That(edges.ToArray(), Is.EqualTo(expected));
        Assert.That(edges.Added, Is.EqualTo(34));
        Assert.That(edges.TotalMass, Is.EqualTo(masses.Sum()));
    }

    [Test]
    public void Add_WhatIsNoMass_IsLeftOut()
    {
        var edges = new HeaviestEdges();
        edges.AddRow(0, [0, -1, double.NaN, double.PositiveInfinity]);

        Assert.That(edges.ToArray(), Is.Empty);
    }
}

using NUnit.Framework;

namespace OtEngine.Tests.Cpu;

[Category("Simd")]
public sealed class SoftMinTests
{
    // Fewer atoms than a vector, and more.
    [Test]
    public void SoftMin_CostBeyondDouble_NeverWins([Values(2, 9)] int m, [Values] bool first)
    {
        int near = first ? 0 : m - 1;
        double[] y = [.. Enumerable.Range(0, m).Select(j => j == near ? 3 : 1e200)];
        TransportProblem<double> problem = TransportProblem.On(new PointCloudGeometry<double>([0], y, 1, Cost.SquaredEuclidean));
        using Engine engine = Engine.Create();
        KantorovichPotential<double> f = engine.Potential(problem, new DualPotentials(new double[1], new double[m]), TransportSide.A);
        int[] atoms = new int[1];

        f.Atoms([0], atoms);

        Assert.That(f.At([0]), Is.EqualTo(9));
        Assert.That(atoms, Is.EqualTo(new[] { near }));
    }

    [TestCase(2)]
    [TestCase(9)]
    public void SoftMin_AllCostsBeyondDouble_AreInfiniteAtTheLowestAtomWithMass(int m)
    {
        double[] y = [.. Enumerable.Repeat(1e200, m)];
        double[] b = [.. Enumerable.Range(0, m).Select(j => j == 0 ? 0.0 : 1)];
        TransportProblem<double> problem = TransportProblem.On(new PointCloudGeometry<double>([0], y, 1, Cost.SquaredEuclidean)).WithWeights([m - 1], b);
        using Engine engine = Engine.Create();
        int[] atoms = new int[1];

        KantorovichPotential<double> f = engine.Potential(problem, new DualPotentials(new double[1], new double[m]), TransportSide.A);
        f.Atoms([0], atoms);

        Assert.That(f.At([0]), Is.EqualTo(double.PositiveInfinity));
        Assert.That(atoms, Is.EqualTo(new[] { 1 }));
    }
}

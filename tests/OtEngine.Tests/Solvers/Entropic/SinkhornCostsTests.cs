using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Many pairs of histograms on one geometry, without results.</summary>
[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
internal sealed class SinkhornCostsTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly int Histograms = Engines.IsSlow ? 4 : 9;

    [Test]
    public void SolveCosts_AreTheBitsOfSolve([Values(1, 7, 8, 31)] int bins, [Values(1, 2, 7)] int threads)
    {
        T[] histograms = ExactInputs.To<T>([.. Enumerable.Range(0, Histograms).SelectMany(k => Drawn.ExactWeights(k, bins))]);
        (int First, int Second)[] pairs = [.. from i in Enumerable.Range(0, Histograms) from j in Enumerable.Range(0, Histograms) select (i, j)];
        using Engine engine = Engines.Create(o => o.Threads = threads);
        Sinkhorn solver = new() { Epsilon = .2 };
        foreach (Geometry<T> geometry in Geometries(bins))
        {
            double[] costs = new double[pairs.Length];
            engine.SolveCosts<T>(geometry, histograms, pairs, solver, costs);
            double[] alone = Array.ConvertAll(pairs, pair =>
            {
                TransportProblem<T> problem = TransportProblem.On(geometry).WithWeights(histograms.AsSpan(pair.First * bins, bins), histograms.AsSpan(pair.Second * bins, bins));
                using TransportResult<T> result = Engines.SingleThreaded.Solve(problem, solver);
                return result.Status == SolveStatus.Converged ? result.TransportCost : double.NaN;
            });
            Assert.That(costs.Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(alone.Select(BitConverter.DoubleToInt64Bits)), geometry.GetType().Name);
            Assert.That(costs, Has.None.NaN);
        }
    }

    [Test]
    public void SolveCosts_NotConverged_AreNaN()
    {
        const int Bins = 31;
        T[] histograms = ExactInputs.To<T>([.. Enumerable.Range(0, Histograms).SelectMany(k => Drawn.ExactWeights(k, Bins))]);
        double[] costs = new double[2];
        Engines.Default.SolveCosts<T>(Geometries(Bins)[0], histograms, [(0, 1), (2, 3)], new Sinkhorn { Epsilon = .01, MaxIterations = 2 }, costs);
        Assert.That(costs, Is.All.NaN);
    }

    private static Geometry<T>[] Geometries(int bins) =>
    [
        new DenseGeometry<T>(ExactInputs.To<T>(Drawn.Uniform(1, bins * bins)), bins, bins),
        new PointCloudGeometry<T>(ExactInputs.To<T>(Drawn.Cloud(2, bins, 2)), ExactInputs.To<T>(Drawn.Cloud(3, bins, 2)), 2, Cost.Euclidean),
        new PointCloudGeometry<T>(ExactInputs.To<T>(Drawn.Uniform(2, bins * 9)), ExactInputs.To<T>(Drawn.Uniform(3, bins * 9)), 9, Cost.SquaredEuclidean),
    ];
}

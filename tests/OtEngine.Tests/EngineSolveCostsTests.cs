using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
public sealed class EngineSolveCostsTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Histograms = 12;

    [Test]
    public void SolveCosts_AreTheBitsOfSolve([Values(1, 7, 8, 31)] int bins, [Values(1, 2, 7)] int threads)
    {
        T[] histograms = ExactInputs.To<T>([.. Enumerable.Range(0, Histograms).SelectMany(k => Drawn.ExactWeights(k, bins))]);
        (int First, int Second)[] pairs = [.. from i in Enumerable.Range(0, Histograms) from j in Enumerable.Range(0, Histograms) select (i, j)];
        using Engine engine = Engine.Create(o => o.Threads = threads);
        foreach (Geometry<T> geometry in Geometries(bins))
        {
            double[] costs = new double[pairs.Length];
            engine.SolveCosts<T>(geometry, histograms, pairs, new Exact(), costs);
            double[] alone = Array.ConvertAll(pairs, pair =>
            {
                TransportProblem<T> problem = TransportProblem.On(geometry)
                    .WithWeights(histograms.AsSpan(pair.First * bins, bins), histograms.AsSpan(pair.Second * bins, bins));
                using TransportResult<T> result = Engines.SingleThreaded.Solve(problem, new Exact());
                Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
                return result.TransportCost;
            });
            Assert.That(costs.Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(alone.Select(BitConverter.DoubleToInt64Bits)), geometry.GetType().Name);
        }
    }

    [Test]
    public void SolveCosts_ManyTinyPairs_AllocateLittleAPair()
    {
        // Rows of the table are 48 bytes each; the rest is a worker's memory, shared by all pairs. Sparse answers are proven by rebased
        // potentials, which take three small arrays a pair.
        const double MostBytes = 100;
        const double MostBytesSparse = 300;
        const int Pairs = 10_000;
        const int Bins = 5;
        T[] histograms = ExactInputs.To<T>([.. Enumerable.Range(0, Histograms).SelectMany(k => Drawn.ExactWeights(k, Bins))]);
        (int First, int Second)[] pairs = [.. Enumerable.Range(0, Pairs).Select(k => (k % Histograms, k * 7 % Histograms))];
        double[] costs = new double[Pairs];
        foreach (Geometry<T> geometry in Geometries(Bins))
        {
            Engines.SingleThreaded.SolveCosts<T>(geometry, histograms, pairs, new Exact(), costs);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Engines.SingleThreaded.SolveCosts<T>(geometry, histograms, pairs, new Exact(), costs);
            double each = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Pairs;
            TestContext.Out.WriteLine(FormattableString.Invariant($"{geometry.GetType().Name}: {each:F1} bytes a pair"));
            Assert.That(each, Is.LessThan(geometry is SparseGeometry<T> ? MostBytesSparse : MostBytes), geometry.GetType().Name);
        }
    }

    private static Geometry<T>[] Geometries(int bins)
    {
        T[] costs = ExactInputs.To<T>(Drawn.Cloud(1, bins * bins, 1));
        int[] starts = [.. Enumerable.Range(0, bins + 1).Select(i => i * bins)];
        int[] columns = [.. Enumerable.Range(0, bins * bins).Select(k => k % bins)];
        return
        [
            new DenseGeometry<T>(costs, bins, bins),
            new PointCloudGeometry<T>(ExactInputs.To<T>(Drawn.Cloud(2, bins, 2)), ExactInputs.To<T>(Drawn.Cloud(3, bins, 2)), 2, Cost.Euclidean),
            new PointCloudGeometry<T>(ExactInputs.To<T>(Drawn.Cloud(2, bins, 9)), ExactInputs.To<T>(Drawn.Cloud(3, bins, 9)), 9, Cost.SquaredEuclidean),
            new SparseGeometry<T>(starts, columns, costs, bins),
        ];
    }
}

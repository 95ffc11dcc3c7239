using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verb CostMatrix against the definition of each cost, several problems of one table at once.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class CostMatrixConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly (NaiveCost Defined, Cost Stated)[] Costs =
    [
        (NaiveCost.SquaredEuclidean, Cost.SquaredEuclidean), (NaiveCost.Euclidean, Cost.Euclidean), (NaiveCost.Manhattan, Cost.Manhattan),
        (NaiveCost.Chebyshev, Cost.Chebyshev), (NaiveCost.PNorm(3, 2), Cost.PNorm(3, 2)), (NaiveCost.Cosine, Cost.Cosine),
    ];

    /// <summary>One rounding to the elements, and a few units of double in powers and roots.</summary>
    private static double Rounding => typeof(T) == typeof(float) ? 6e-8 : 1e-13;

    [Test]
    public void Costs_OfSeveralProblems_AreThoseOfTheirPairs([ValueSource(nameof(Costs))] (NaiveCost Defined, Cost Stated) cost, [Values(1, 3, 11)] int dimension)
    {
        using Backend backend = Engines.CreateBackend();
        List<TransportProblem<T>> problems = [];
        List<double[]> expected = [];
        foreach ((int n, int m) in ((int, int)[])[(1, 1), (7, 300), (33, 31)])
        {
            double[] x = ExactInputs.Seen<T>(Drawn.Uniform(n, n * dimension)), y = ExactInputs.Seen<T>(Drawn.Uniform(m + 1, m * dimension));
            problems.Add(TransportProblem.On(new PointCloudGeometry<T>(ExactInputs.To<T>(x), ExactInputs.To<T>(y), dimension, cost.Stated)));
            expected.Add(cost.Defined.Between(x, y, dimension));
        }

        Check(backend, problems, expected);
    }

    [Test]
    public void Costs_OfAGridAndOfAMatrix_AreTheirs()
    {
        using Backend backend = Engines.CreateBackend();
        double[] points = NaiveGrid.Points([[0, .25, .5], [0, .25], [0, .25, .5, .75]]);
        double[] matrix = ExactInputs.Seen<T>(Drawn.Uniform(4, 35));

        Check(
            backend,
            [TransportProblem.On(new GridGeometry<T>([3, 2, 4], .25)), TransportProblem.On(new DenseGeometry<T>(ExactInputs.To<T>(matrix), 5, 7))],
            [NaiveCost.SquaredEuclidean.Between(points, points, 3), matrix]);
    }

    [Test]
    public void Matrix_BeyondItsBuffer_IsRefused()
    {
        using Backend backend = Engines.CreateBackend();
        using ProblemTable<T> table = ProblemTable<T>.Of([TransportProblem.On(new DenseGeometry<T>(new T[6], 2, 3))]);
        using LoadedTable<T> loaded = backend.Load(table);
        using BackendBuffer<T> costs = backend.Allocate<T>(6);

        foreach (long offset in (long[])[-1, 1])
            Assert.That(() => backend.CostMatrix(loaded, [offset], costs, TestExecution.On(backend)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static void Check(Backend backend, List<TransportProblem<T>> problems, List<double[]> expected)
    {
        using ProblemTable<T> table = ProblemTable<T>.Of(problems);
        using LoadedTable<T> loaded = backend.Load(table);
        using BackendBuffer<T> costs = backend.Allocate<T>(expected.Sum(matrix => matrix.Length) + 1);
        costs.CopyFrom([T.CreateTruncating(7)], 0);
        long[] offsets = new long[problems.Count];
        long end = 1;
        for (int k = 0; k < offsets.Length; k++)
        {
            offsets[k] = end;
            end += expected[k].Length;
        }

        backend.CostMatrix(loaded, offsets, costs, TestExecution.On(backend));

        T[] found = new T[costs.Length];
        costs.CopyTo(found, 0);
        double[] all = [7, .. expected.SelectMany(matrix => matrix)];
        for (int k = 0; k < all.Length; k++)
            Assert.That(double.CreateTruncating(found[k]), Is.EqualTo(all[k]).Within(Rounding * (1 + Math.Abs(all[k]))), $"entry {k}");
    }
}

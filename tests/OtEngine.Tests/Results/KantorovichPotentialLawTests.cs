using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using OtEngine.Tests.Support;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Results;

/// <summary>Laws that hold for the c-transform of any numbers, optimal or not.</summary>
[Category("Simd")]
public sealed class KantorovichPotentialLawTests
{
    // A cost of at most 9 coordinates less a potential: fewer than a hundred roundings of 2^-53, of the largest number involved.
    private const double Rounding = 1e-14;

    private static readonly (Cost Cost, NaiveCost Naive)[] Metrics =
    [
        (Cost.Euclidean, NaiveCost.Euclidean), (Cost.Manhattan, NaiveCost.Manhattan), (Cost.Chebyshev, NaiveCost.Chebyshev),
        (Cost.PNorm(3), NaiveCost.PNorm(3, 1)),
    ];

    private static Gen<Case> Cases =>
        from seed in Gen.Choose(0, 1_000_000)
        from n in Gen.Choose(1, 40)
        from m in Gen.Choose(1, 40)
        from dimension in Gen.Choose(1, 9)
        from metric in Gen.Choose(0, 3)
        from scale in Gen.Choose(-20, 20)
        select new Case(seed, n, m, dimension, metric, scale);

    [Test]
    public void At_CostIsAMetric_IsOneLipschitz()
    {
        using Engine engine = Engine.Create();
        Law.Holds(Cases, drawn =>
        {
            (Cost cost, NaiveCost naive) = Metrics[drawn.Metric];
            KantorovichPotential<double> f = drawn.Potential(engine, cost, out double[] g);
            double[] points = drawn.Points(3);
            double[] values = new double[drawn.N];
            f.At(points, values);
            double[] distances = naive.Between(points, points, drawn.Dimension);
            double tolerance = Rounding * TransportEvidence.LargestMagnitude(distances.Concat(values).Concat(g));
            return Enumerable.Range(0, distances.Length).All(k => values[k / drawn.N] - values[k % drawn.N] <= distances[k] + tolerance);
        });
    }

    [Test]
    public void Map_SquaredEuclidean_IsMonotone()
    {
        // Whole numbers, so that the minima are exact: the sum of two atoms' costs is no more than with the atoms exchanged.
        using Engine engine = Engine.Create();
        Law.Holds(Cases, drawn =>
        {
            int d = drawn.Dimension;
            TransportProblem<double> problem = TransportProblem.On(new PointCloudGeometry<double>(
                new double[d], Drawn.Costs(drawn.Seed, drawn.M, d, 100), d, Cost.SquaredEuclidean)).WithWeights([1], Drawn.ExactWeights(drawn.Seed, drawn.M));
            double[] points = Drawn.Costs(drawn.Seed + 1, drawn.N, d, 100), images = new double[points.Length];
            engine.Potential(problem, new DualPotentials(new double[1], Drawn.Costs(drawn.Seed + 2, drawn.M, 1, 5000)), TransportSide.A).Map(points, images);
            return Enumerable.Range(0, drawn.N).All(i => Enumerable.Range(0, i).All(k => Enumerable.Range(0, d)
                .Sum(c => (points[(i * d) + c] - points[(k * d) + c]) * (images[(i * d) + c] - images[(k * d) + c])) >= 0));
        });
    }

    [Test]
    public void CTransform_ThereAndBack_IsFeasibleAndStays()
    {
        using Engine engine = Engine.Create();
        Law.Holds(Cases, drawn =>
        {
            PointCloudGeometry<double> geometry = new(drawn.Points(1), drawn.Points(2, drawn.M), drawn.Dimension, Metrics[drawn.Metric].Cost);
            double[] a = Drawn.Weights(drawn.Seed, drawn.N), b = Drawn.Weights(drawn.Seed + 1, drawn.M);
            double[] costs = Metrics[drawn.Metric].Naive.Between(drawn.Points(1), drawn.Points(2, drawn.M), drawn.Dimension);
            double[] f = new double[drawn.N], g = drawn.Potentials(), again = new double[drawn.N];
            double tolerance = Rounding * TransportEvidence.LargestMagnitude(costs.Concat(g));
            engine.CTransform<double>(geometry, TransportSide.A, g, b, f);
            engine.CTransform<double>(geometry, TransportSide.B, f, a, g);
            engine.CTransform<double>(geometry, TransportSide.A, g, b, again);
            return Enumerable.Range(0, costs.Length).All(k => a[k / drawn.M] == 0 || costs[k] - f[k / drawn.M] - g[k % drawn.M] >= -tolerance)
                && Enumerable.Range(0, drawn.N).All(i => a[i] == 0 || Math.Abs(again[i] - f[i]) <= tolerance);
        });
    }

    private sealed record Case(int Seed, int N, int M, int Dimension, int Metric, int Scale)
    {
        public double[] Points(int stream) => Points(stream, N);

        public double[] Points(int stream, int count) =>
            [.. Drawn.Cloud(Seed + (7 * stream), count, Dimension).Select(v => Math.ScaleB(v, Scale))];

        public double[] Potentials() => [.. Drawn.Cloud(Seed + 5, M, 1).Select(v => Math.ScaleB(v, Scale))];

        public KantorovichPotential<double> Potential(Engine engine, Cost cost, out double[] g)
        {
            g = Potentials();
            TransportProblem<double> problem = TransportProblem.On(new PointCloudGeometry<double>(new double[Dimension], Points(2, M), Dimension, cost))
                .WithWeights([1], Drawn.ExactWeights(Seed, M));
            return engine.Potential(problem, new DualPotentials(new double[1], g), TransportSide.A);
        }
    }
}

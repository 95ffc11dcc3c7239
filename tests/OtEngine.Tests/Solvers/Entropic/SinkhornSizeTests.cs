using System.Globalization;
using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Sizes around the widths of vectors and blocks, every ground cost, costs stored and not, against the naive iteration.</summary>
[Category("Simd")]
[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
internal sealed class SinkhornSizeTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Tight enough in double that the costs agree to 1e-8 of the largest; float's default marginals allow no more than themselves.
    private static readonly double Marginals = typeof(T) == typeof(float) ? 1e-4 : 1e-11;

    private static readonly double SameCost = typeof(T) == typeof(float) ? 1e-3 : 1e-8;

    private static readonly int[] Sizes = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 61, 64, 65, 127, 129];

    private static readonly int[] Dimensions = [1, 2, 3, 4, 5, 8, 9, 33];

    private static readonly NaiveCost[] Grounds =
    [
        NaiveCost.SquaredEuclidean, NaiveCost.Euclidean, NaiveCost.Manhattan, NaiveCost.Chebyshev, NaiveCost.Cosine,
        NaiveCost.PNorm(3, 1), NaiveCost.PNorm(1.5, 2), NaiveCost.PNorm(2, 3), NaiveCost.PNorm(double.PositiveInfinity, 2),
    ];

    private static IEnumerable<TestCaseData> Pairs() =>
        from k in Enumerable.Range(0, Sizes.Length)
        from other in new[] { k, k + 1, (7 * k) + 3 }
        select new TestCaseData(Sizes[k], Sizes[other % Sizes.Length]);

    [TestCaseSource(nameof(Pairs))]
    public void Solve_PointsStoredUnstoredAndDense_AreTheNaiveAnswer(int n, int m)
    {
        for (int k = 0; k < (Engines.IsSlow ? 1 : 2); k++)
        {
            int seed = (1000 * n) + m + k, dimension = Dimensions[seed % Dimensions.Length];
            NaiveCost ground = Grounds[(n + m + (3 * k)) % Grounds.Length];
            string name = string.Create(CultureInfo.InvariantCulture, $"{n} x {m}, d = {dimension}, {ground.Name}");
            double[] x = ExactInputs.Seen<T>(Drawn.Cloud(seed, n, dimension)), y = ExactInputs.Seen<T>(Drawn.Cloud(seed + 1, m, dimension));
            double[] a = Drawn.ExactWeights(seed + 2, n), b = Drawn.ExactWeights(seed + 3, m), cost = ground.Between(x, y, dimension), seen = ExactInputs.Seen<T>(cost);
            double epsilon = .1 * cost.Average(), scale = TransportEvidence.LargestMagnitude(cost);
            (double[] f, double[] g, _) = NaiveSinkhorn.Solve(cost, a, b, epsilon, 1e-12);
            double expected = TransportEvidence.TransportCost(cost, NaiveEntropic.Plan(cost, a, b, f, g, epsilon));

            Sinkhorn solver = new() { Epsilon = epsilon, Tolerance = Marginals };
            TransportProblem<T> points = ExactInputs.Points<T>(x, y, dimension, ExactInputs.CostOf(ground), a, b);
            foreach ((string form, Engine engine, TransportProblem<T> problem, double[] costs) in new[]
            {
                ("points", Engines.Default, points, cost), ("unstored", Engines.Unstored, points, cost), ("dense", Engines.Default, ExactInputs.Dense<T>(cost, a, b), seen),
            })
            {
                using TransportResult<T> result = engine.Solve(problem, solver);
                EntropicEvidence.Converged(result, costs, a, b, Marginals, $"{name} {form}");
                Assert.That(result.TransportCost, Is.EqualTo(expected).Within(SameCost * scale), $"{name} {form}");
                HasTheDistance(result, problem, form == "dense" ? null : ground);
            }
        }
    }

    private static void HasTheDistance(TransportResult<T> result, TransportProblem<T> problem, NaiveCost? ground)
    {
        const double Rounding = 1e-13;
        if (problem.Geometry.MetricPower is { } q)
            Assert.That(result.Distance, Is.EqualTo(Math.Pow(Math.Max(result.TransportCost, 0), 1 / q)).Within(Rounding).Percent, ground?.Name);
        else
            Assert.That(result.Distance, Is.NaN, ground?.Name);
    }
}

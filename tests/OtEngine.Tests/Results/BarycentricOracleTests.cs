using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Results;

[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
public sealed class BarycentricOracleTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Masses and coordinates are exact in float too; a map is a sum of few products and one division, then one rounding to T.
    private static readonly double Rounding = typeof(T) == typeof(float) ? 1e-6 : 1e-14;

    private static readonly Dictionary<NaiveCost, Cost> Costs = new()
    {
        [NaiveCost.SquaredEuclidean] = Cost.SquaredEuclidean,
        [NaiveCost.Euclidean] = Cost.Euclidean,
        [NaiveCost.Manhattan] = Cost.Manhattan,
        [NaiveCost.Chebyshev] = Cost.Chebyshev,
        [NaiveCost.Cosine] = Cost.Cosine,
    };

    [Test]
    public void Plan_OfProblemsWithOneOptimum_IsTheOracle()
    {
        foreach (TransformCase oracle in OracleFile.Transforms)
        {
            using TransportResult<T> result = Solve(oracle);
            double[] plan = Array.ConvertAll([.. result.Plan.Materialize()], (T mass) => double.CreateTruncating(mass));
            Assert.That(plan, Is.EqualTo(oracle.Plan).Within(Rounding), oracle.Name);
        }
    }

    [Test]
    public void Barycentric_OfProblemsWithOneOptimum_IsTheOracleAndNaNWithoutMass()
    {
        foreach (TransformCase oracle in OracleFile.Transforms)
        {
            using TransportResult<T> result = Solve(oracle);
            T[] images = new T[oracle.X.Length];
            result.Plan.Barycentric(Typed(oracle.Y), oracle.Dimension, images);
            double tolerance = Rounding * TransportEvidence.LargestMagnitude(oracle.Y.Append(1));
            Assert.That(Array.ConvertAll(images, double.CreateTruncating), Is.EqualTo(oracle.Barycentric).Within(tolerance), oracle.Name);
        }
    }

    private static TransportResult<T> Solve(TransformCase oracle)
    {
        using Engine engine = Engine.Create();
        PointCloudGeometry<T> geometry = new(Typed(oracle.X), Typed(oracle.Y), oracle.Dimension, Costs[oracle.Cost]);
        return engine.Solve(TransportProblem.On(geometry).WithWeights(Typed(oracle.A), Typed(oracle.B)), new Exact());
    }

    private static T[] Typed(double[] values) => Array.ConvertAll(values, T.CreateTruncating);
}

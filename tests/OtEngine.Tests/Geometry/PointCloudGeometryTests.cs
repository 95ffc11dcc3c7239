using System.Numerics;
using NUnit.Framework;

namespace OtEngine.Tests;

[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
public sealed class PointCloudGeometryTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    [Test]
    public void Points_ThatAreEmptyOrNoMultipleOfTheDimension_AreRefused()
    {
        Refusal.With(ProblemError.Empty, () => Points([], [1, 2], 2));
        Refusal.With(ProblemError.Empty, () => Points([1, 2], [], 2));
        Refusal.With(ProblemError.ShapeMismatch, () => Points([1, 2, 3], [1, 2], 2), "x has 3");
        Refusal.With(ProblemError.ShapeMismatch, () => Points([1, 2], [1, 2, 3, 4, 5], 2), "y has 5");
        Refusal.With(ProblemError.ShapeMismatch, () => Points([1, 2], [1, 2], int.MaxValue), "2147483647");
        Refusal.With(ProblemError.OutOfRange, () => Points([1, 2], [1, 2], 0), "dimension");
        Refusal.With(ProblemError.OutOfRange, () => Points([1, 2], [1, 2], -2), "-2");
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void Coordinates_NotFinite_AreRefused(double value)
    {
        Refusal.With(ProblemError.NotFinite, () => Points([1, 2, 3, value], [1, 2], 2), "x[3]");
        Refusal.With(ProblemError.NotFinite, () => Points([1, 2], [value, 2], 2), "y[0]");
    }

    [Test]
    public void ZeroPoint_UnderTheCosineCost_IsRefused()
    {
        Refusal.With(ProblemError.OutOfRange, () => Points([1, 0, 0, 0], [1, 2], 2, Cost.Cosine), "x[1]");
        Refusal.With(ProblemError.OutOfRange, () => Points([1, 0], [0, -0.0], 2, Cost.Cosine), "y[0]");
        Assert.That(Points([1, 0, 0, 0], [1, 2], 2, Cost.Chebyshev).Rows, Is.EqualTo(2));
    }

    [Test]
    public void ZeroPointWithoutMass_UnderTheCosineCost_IsRefusedToo() =>
        Refusal.With(ProblemError.OutOfRange, () => TransportProblem.On(Points([1, 0, 0, 0], [1, 2], 2, Cost.Cosine)).WithWeights(ExactInputs.To<T>([1, 0]), []));

    [Test]
    public void Null_IsRefused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => new PointCloudGeometry<T>(null!, [], 1, Cost.Euclidean), Throws.ArgumentNullException);
            Assert.That(() => new PointCloudGeometry<T>([T.One], null!, 1, Cost.Euclidean), Throws.ArgumentNullException);
        }
    }

    private static PointCloudGeometry<T> Points(double[] x, double[] y, int dimension, Cost? cost = null) =>
        new(ExactInputs.To<T>(x), ExactInputs.To<T>(y), dimension, cost ?? Cost.Euclidean);
}

using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

public sealed class NaiveCTransformTests
{
    // A cost of a few coordinates minus a potential.
    private const double Rounding = 1e-14;

    [Test]
    public void OfColumns_ColumnWithoutMass_IsLeftOut() =>
        Assert.That(NaiveCTransform.OfColumns([1, 2, 3, 6, 5, 4], [9, 1, -1], [0, 0.5, 0.5]), Is.EqualTo(new double[] { 1, 4 }));

    [Test]
    public void OfColumns_NoMassAtAll_IsInfinite() =>
        Assert.That(NaiveCTransform.OfColumns([1, 2], [0, 0], [0, 0]), Is.EqualTo(new[] { double.PositiveInfinity }));

    [Test]
    public void OfRows_TwoByThreeByHand_IsTheColumnMinimum() =>
        Assert.That(NaiveCTransform.OfRows([1, 2, 3, 6, 5, 4], 3, [0, 2]), Is.EqualTo(new double[] { 1, 2, 2 }));

    [Test]
    public void OfColumns_OracleProblemsAtNewPoints_HasTheirValues()
    {
        Assert.That(OracleFile.Transforms, Is.Not.Empty);
        foreach (var problem in OracleFile.Transforms)
        {
            double[] cost = problem.Cost.Between(problem.NewPoints, problem.Y, problem.Dimension);
            double[] actual = NaiveCTransform.OfColumns(cost, problem.G, problem.B);
            Assert.That(actual, Is.EqualTo(problem.CTransform).Within(Rounding * TransportEvidence.LargestMagnitude(cost.Append(1))), problem.Name);
        }
    }
}

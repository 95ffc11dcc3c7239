using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

/// <summary>A helper that compares must itself be seen to fail: each is given one wrong entry.</summary>
public sealed class TransportEvidenceTests
{
    private static readonly double[] RightA = [1, 3, 0];
    private static readonly double[] RightB = [2, 2];
    private static readonly double[] RightCost = [0, 2, 1, 1, 5, 5];
    private static readonly double[] RightPlan = [1, 0, 1, 2, 0, 0];
    private static readonly double[] RightF = [0, 1, 2];
    private static readonly double[] RightG = [0, 0];

    [Test]
    public void RightAnswer_HasNoErrorAnywhere()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TransportEvidence.MarginalError(RightPlan, RightA, RightB), Is.Zero);
            Assert.That(TransportEvidence.NegativeMass(RightPlan), Is.Zero);
            Assert.That(TransportEvidence.DualViolation(RightCost, RightF, RightG, RightA, RightB), Is.Zero);
            Assert.That(TransportEvidence.DualCost(RightF, RightG, RightA, RightB), Is.EqualTo(3));
            Assert.That(TransportEvidence.TransportCost(RightCost, RightPlan), Is.EqualTo(3));
        }
    }

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(5)]
    public void MarginalError_OneEntryOff_IsThatMuch(int entry)
    {
        double[] plan = [.. RightPlan];
        plan[entry] += 0.25;

        Assert.That(TransportEvidence.MarginalError(plan, RightA, RightB), Is.EqualTo(0.25));
    }

    [Test]
    public void MarginalError_MassInTheWrongColumn_IsSeen() =>
        Assert.That(TransportEvidence.MarginalError([0, 1, 1, 2, 0, 0], RightA, RightB), Is.EqualTo(1));

    [Test]
    public void MarginalError_NaN_IsNotZero() =>
        Assert.That(TransportEvidence.MarginalError([double.NaN, 0, 1, 2, 0, 0], RightA, RightB), Is.NaN);

    [Test]
    public void NegativeMass_OneNegativeEntry_IsReported() =>
        Assert.That(TransportEvidence.NegativeMass([2, -1, 0, 3, 0, 0]), Is.EqualTo(-1));

    [Test]
    public void DualViolation_PotentialTooHigh_IsRelativeToTheTerms() =>
        Assert.That(TransportEvidence.DualViolation(RightCost, [0, 2, 0], RightG, RightA, RightB), Is.EqualTo(-1.0 / 3));

    [Test]
    public void DualViolation_NaN_IsNotZero() =>
        Assert.That(TransportEvidence.DualViolation(RightCost, [0, double.NaN, 0], RightG, RightA, RightB), Is.NaN);

    [Test]
    public void DualViolation_RowWithoutMass_DoesNotCount() =>
        Assert.That(TransportEvidence.DualViolation(RightCost, [0, 1, 99], RightG, RightA, RightB), Is.Zero);

    [Test]
    public void RelativeError_SmallDifference_IsSeen()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(RelativeError.Of(1 + 1e-12, 1), Is.GreaterThan(9e-13));
            Assert.That(RelativeError.Of(-2, -2), Is.Zero);
            Assert.That(RelativeError.Of(0, 0), Is.Zero);
            Assert.That(RelativeError.Of(1e-300, 0), Is.EqualTo(double.PositiveInfinity));
            Assert.That(RelativeError.Of(double.NaN, 1), Is.NaN);
            Assert.That(RelativeError.Of(double.NaN, double.NaN), Is.NaN);
        }
    }

    [Test]
    public void NeumaierSum_CancellingLargeTerms_KeepsTheSmallOnes() =>
        Assert.That(NeumaierSum.Of([1, 1e100, 1, -1e100]), Is.EqualTo(2));
}

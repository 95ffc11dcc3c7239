using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>A helper that compares must itself be shown to fail.</summary>
public sealed class ExactEvidenceTests
{
    private static readonly double[] Cost = [.. Drawn.Costs(1, 4, 5, 99)];
    private static readonly double[] A = Drawn.ExactWeights(2, 4);
    private static readonly double[] B = Drawn.ExactWeights(3, 5);

    [Test]
    public void Doubts_OwnInputs_AreNone() => Assert.That(Doubts(Cost, A, B), Is.Empty);

    [Test]
    public void Doubts_CheaperArc_SeesTheViolation()
    {
        double[] cheaper = [.. Cost.Select(c => c - 1000)];
        Assert.That(Doubts(cheaper, A, B), Has.Some.Contains("violate"));
    }

    [Test]
    public void Doubts_DearerArcs_SeeTheCost() => Assert.That(Doubts([.. Cost.Select(c => c + 1)], A, B), Has.Some.Contains("the plan costs"));

    [Test]
    public void Doubts_OtherWeights_SeeBothMarginals()
    {
        IReadOnlyList<string> doubts = Doubts(Cost, Drawn.ExactWeights(4, 4), Drawn.ExactWeights(5, 5));
        Assert.That(doubts, Has.Some.Contains("side a").And.Some.Contains("side b").And.Some.Contains("dual cost"));
    }

    [Test]
    public void Doubts_OnePivotOfMany_SeeStatusAndGap()
    {
        double[] cost = Drawn.Uniform(6, 400);
        double[] weights = Drawn.ExactWeights(7, 20);
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(cost, weights, weights), new Exact { MaxIterations = 1 });
        Assert.That(ExactEvidence.Doubts(result, cost, weights, weights), Has.Some.Contains("status").And.Some.Contains("gap"));
    }

    [Test]
    public void DualViolation_NaN_IsInfinite() => Assert.That(ExactEvidence.DualViolation([1], [double.NaN], [0]), Is.Positive.And.EqualTo(double.PositiveInfinity));

    [Test]
    public void SameBits_AnswersThatDifferInOnePlace_AreTold()
    {
        using TransportResult<double> one = Engines.Default.Solve(ExactInputs.Dense<double>(Cost, A, B), new Exact());
        using TransportResult<double> other = Engines.Default.Solve(ExactInputs.Dense<double>([.. Cost.Select(c => c * (1 + 1e-15))], A, B), new Exact());
        Assert.That(SameBits.Differ(one, one), Is.Null);
        Assert.That(SameBits.Differ(one, other), Is.Not.Null);
    }

    private static IReadOnlyList<string> Doubts(double[] cost, double[] a, double[] b)
    {
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(Cost, A, B), new Exact());
        return ExactEvidence.Doubts(result, cost, a, b);
    }
}

using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>A helper that compares must itself be shown to fail: each test tells it something untrue about a right answer.</summary>
public sealed class EntropicEvidenceTests
{
    private const double Tolerance = 1e-9;

    private static readonly double[] Cost = Drawn.Costs(1, 4, 5, 99);
    private static readonly double[] A = Drawn.ExactWeights(2, 4);
    private static readonly double[] B = [0, .25, .25, .125, .375];

    [Test]
    public void Flaws_OwnInputs_AreNone() => Assert.That(Flaws(Cost, A, B), Is.Empty);

    [Test]
    public void Flaws_OneCostOff_SeePlanAndCosts()
    {
        double[] dearer = [.. Cost];
        dearer[2] += 1e-3;
        Assert.That(Flaws(dearer, A, B), Has.Some.Contains("materialised").And.Some.Contains("transport cost").And.Some.Contains("marginal error of b"));
    }

    [Test]
    public void Flaws_WeightsOff_SeeMarginalsAndMass()
    {
        double[] other = [.. B];
        (other[1], other[2]) = (other[1] + 1e-6, other[2] - 1e-6);
        Assert.That(Flaws(Cost, A, other), Has.Some.Contains("marginal error of a").And.Some.Contains("converged with errors").And.Some.Contains("materialised"));
        Assert.That(Flaws(Cost, [.. A.Select(w => 2 * w)], [.. B.Select(w => 2 * w)]), Has.Some.StartsWith("mass").And.Some.Contains("regularised").And.Some.Contains("dual"));
    }

    [Test]
    public void Flaws_TighterTolerance_SeeThatItIsNotMet()
    {
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(Cost, A, B), new Sinkhorn { Epsilon = 5, Tolerance = 1e-2 });
        Assert.That(EntropicEvidence.Flaws(result, Cost, A, B, 1e-2), Is.Empty);
        Assert.That(EntropicEvidence.Flaws(result, Cost, A, B, 1e-13), Has.Some.Contains("converged with"));
    }

    [Test]
    public void Flaws_CostOfAMasslessColumnOff_SeeItsPotential()
    {
        double[] dearer = [.. Cost.Select((c, k) => k % 5 == 0 ? c + 1 : c)];
        Assert.That(Flaws(dearer, A, B), Has.Count.EqualTo(1).And.Some.Contains("g[0] without mass"));
    }

    [Test]
    public void Flaws_ExactCostOutsideTheBracket_AreSeen()
    {
        Assert.That(Flaws(Cost, A, B, exact: -1), Has.Some.Contains("above the exact cost"));
        Assert.That(Flaws(Cost, A, B, exact: 100), Has.Some.Contains("below the exact cost"));
        Assert.That(Flaws(Cost, A, B, NaiveTransportLp.Solve(Cost, A, B).Value), Is.Empty);
    }

    [Test]
    public void Differ_AnswersThatDifferInOnePlace_AreTold()
    {
        using TransportResult<double> one = Solve(Cost), other = Solve([.. Cost.Select(c => c * (1 + 1e-15))]);
        Assert.That(EntropicBits.Differ(one, one), Is.Null);
        Assert.That(EntropicBits.Differ(one, other), Is.Not.Null);
    }

    private static IReadOnlyList<string> Flaws(double[] cost, double[] a, double[] b, double? exact = null)
    {
        using TransportResult<double> result = Solve(Cost);
        return EntropicEvidence.Flaws(result, cost, a, b, Tolerance, exact);
    }

    private static TransportResult<double> Solve(double[] cost) => Engines.Default.Solve(ExactInputs.Dense<double>(cost, A, B), new Sinkhorn { Epsilon = 5, Tolerance = Tolerance });
}

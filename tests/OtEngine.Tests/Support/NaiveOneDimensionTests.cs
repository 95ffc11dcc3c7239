using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

public sealed class NaiveOneDimensionTests
{
    // Positions of quantiles are running sums of at most 40 weights.
    private const double RoundingOfQuantiles = 1e-13;

    [Test]
    public void Line_ThreeAtomsByHand_IsTheAreaBetweenDistributionFunctions() =>
        Assert.That(
            NaiveOneDimension.Line([0, 0.25, 0.75], [0.75, 0, 0.25], [0.5, 0.25, 0.25], [0.25, 0.25, 0.5], 1),
            Is.EqualTo(0.25 * 0.25).Within(RoundingOfQuantiles));

    [TestCase(1, 3.0)]
    [TestCase(2, 9.0)]
    [TestCase(3, 27.0)]
    public void Line_TwoDiracs_IsTheirDistanceToTheP(double p, double expected) =>
        Assert.That(NaiveOneDimension.Line([-1], [2], [1], [1], p), Is.EqualTo(expected).Within(RoundingOfQuantiles));

    [Test]
    public void Circle_TwoAtomsAcrossTheCut_MeetThere() =>
        Assert.That(NaiveOneDimension.Circle([0.875, 0.5], [0.125, 0.5], [0.5, 1.5], [0.5, 1.5], 2), Is.EqualTo(0.5 * 0.0625).Within(RoundingOfQuantiles));

    [Test]
    public void Circle_WithoutMass_IsZero() => Assert.That(NaiveOneDimension.Circle([0.5], [0.25, 0.75], [0], [0, 0], 2), Is.Zero);

    [Test]
    public void Line_EveryOracleProblem_HasTheExactValue() => HasValues(OracleFile.Line, NaiveOneDimension.Line, spread: s => s.Max() - s.Min());

    [Test]
    public void Circle_EveryOracleProblem_HasTheExactValue() => HasValues(OracleFile.Circle, NaiveOneDimension.Circle, spread: _ => 1);

    private static void HasValues(
        IReadOnlyList<OneDimensionalCase> problems,
        Func<double[], double[], double[], double[], double, double> solve,
        Func<double[], double> spread)
    {
        Assert.That(problems, Has.Count.EqualTo(100));
        foreach (var problem in problems)
        {
            foreach (var (p, expected) in problem.Values)
            {
                double magnitude = problem.A.Sum() * Math.Pow(spread([.. problem.X, .. problem.Y]), p);
                double actual = solve(problem.X, problem.Y, problem.A, problem.B, p);
                Assert.That(RelativeError.Of(actual, expected, magnitude), Is.LessThanOrEqualTo(RoundingOfQuantiles), $"{problem.Name} p {p}");
            }
        }
    }
}

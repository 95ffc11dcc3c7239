using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

public sealed class NaiveTransportLpTests
{
    // Sums of a few dozen products, compensated; what is left is the rounding of the masses that are moved along paths.
    private const double RoundingOfPaths = 1e-13;

    [Test]
    public void Solve_TwoByThreeByHand_HasItsPlanAndValue()
    {
        var answer = NaiveTransportLp.Solve([0, 2, 3, 1, 0, 1], [1, 3], [2, 1, 1]);

        Assert.That(answer.Value, Is.EqualTo(2));
        Assert.That(answer.Plan, Is.EqualTo(new double[] { 1, 0, 0, 1, 1, 1 }));
    }

    [Test]
    public void Solve_AtomsWithoutMass_CarryNone()
    {
        var answer = NaiveTransportLp.Solve([0, 9, 5, 0, 0, 0, 4, 1, 7], [3, 0, 1], [0, 2, 2]);

        Assert.That(answer.Value, Is.EqualTo(9 + 10 + 1));
        Assert.That(answer.Plan, Is.EqualTo(new double[] { 0, 1, 2, 0, 0, 0, 0, 1, 0 }));
    }

    [Test]
    public void Solve_WithoutAtoms_IsZero() => Assert.That(NaiveTransportLp.Solve([], [], []).Value, Is.Zero);

    [Test]
    public void Solve_EveryOracleProblem_HasTheExactValueAndItsCertificate()
    {
        foreach (var problem in OracleFile.Exact)
        {
            double[] cost = problem.CostMatrix();
            var answer = NaiveTransportLp.Solve(cost, problem.A, problem.B);
            double largest = TransportEvidence.LargestMagnitude(cost);
            double mass = problem.A.Sum();
            // Potentials are differences of costs, so a choice between arcs is right to the rounding of the largest cost;
            // only where huge costs are set apart on purpose must the small ones be resolved.
            double magnitude = problem.Family == "blocks-apart" ? problem.Magnitude : Math.Max(problem.Magnitude, largest * mass);

            using (Assert.EnterMultipleScope())
            {
                Assert.That(RelativeError.Of(answer.Value, problem.Value, magnitude), Is.LessThanOrEqualTo(RoundingOfPaths), problem.Name);
                Assert.That(TransportEvidence.MarginalError(answer.Plan, problem.A, problem.B), Is.LessThanOrEqualTo(RoundingOfPaths * mass), problem.Name);
                Assert.That(TransportEvidence.NegativeMass(answer.Plan), Is.Zero, problem.Name);
                Assert.That(
                    TransportEvidence.DualViolation(cost, answer.U, answer.V, problem.A, problem.B),
                    Is.GreaterThanOrEqualTo(-RoundingOfPaths),
                    problem.Name);
            }
        }
    }
}

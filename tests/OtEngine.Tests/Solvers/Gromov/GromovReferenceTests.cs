using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Values computed elsewhere, and values that can be worked out by hand.</summary>
public sealed class GromovReferenceTests
{
    private static IEnumerable<ReferenceCase> Cases() => OracleFile.Reference.Where(c => c.Family == "gw-entropic");

    [TestCaseSource(nameof(Cases))]
    public void Solve_ReferenceCase_HasItsValue(ReferenceCase reference)
    {
        double[] c1 = reference.Arrays["C1"].Values, c2 = reference.Arrays["C2"].Values, a = reference.Arrays["p"].Values, b = reference.Arrays["q"].Values;
        using GromovResult<double> result = Engines.Default.Solve(Gromov.Dense<double>(c1, c2, a, b), new GromovWasserstein { Epsilon = reference.Epsilon, Tolerance = 1e-9 });
        using GromovResult<float> single = Engines.Default.Solve(Gromov.Dense<float>(c1, c2, a, b), new GromovWasserstein { Epsilon = reference.Epsilon });
        double expected = reference.Expected["gw"][0], allowed = reference.AbsoluteTolerance + (reference.RelativeTolerance * expected);
        Gromov.Holds(result, c1, c2, a, b, reference.Name);
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(result.Value, Is.EqualTo(expected).Within(allowed));
        Assert.That(single.Value, Is.EqualTo(expected).Within(allowed));
    }

    [Test]
    public void Solve_FourPointsOnTwoLines_HaveTheirBestPermutation()
    {
        // Over permutations the best is 3.375 and the next 3.875; at this eps the plan is a permutation to twelve digits.
        double[] x = [1, 2, 100, 200], y = [3, 2, 98, 199], uniform = [.25, .25, .25, .25];
        double[] c1 = NaiveCost.Euclidean.Between(x, x, 1), c2 = NaiveCost.Euclidean.Between(y, y, 1);
        using GromovResult<double> result = Engines.Default.Solve(Gromov.Dense<double>(c1, c2, uniform, uniform), new GromovWasserstein { Epsilon = .01, Tolerance = 1e-9, StepSweeps = 10_000 });
        Assert.That(result.Value, Is.EqualTo(3.375).Within(1e-6), $"{result.Status} {result.Moved}: {string.Join(' ', Gromov.PlanOf(result).Select(p => p.ToString("F3", System.Globalization.CultureInfo.InvariantCulture)))}");
    }
}

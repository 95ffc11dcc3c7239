using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Exact transport against 500 problems whose values come from whole-number arithmetic, stated in every way.</summary>
[Category("Simd")]
public sealed class ExactOracleTests
{
    // The design's bound on the objective, relative to sum |C| P.
    private const double Objective = 1e-9;

    // Costs and weights are each rounded to 24 bits; the objective is linear in both, and a slightly wrong mass may travel at the largest cost.
    private const double FloatInputs = 4.0 / (1 << 24);

    private static IEnumerable<string> Families() => OracleFile.Exact.Select(p => p.Family).Distinct(StringComparer.Ordinal);

    [TestCaseSource(nameof(Families))]
    public void Solve_OracleProblemsInDouble_HaveTheExactValueAndProveIt(string family)
    {
        foreach (ExactCase problem in OracleFile.Exact.Where(p => p.Family == family))
        {
            double[] cost = problem.CostMatrix();
            foreach ((string form, TransportProblem<double> stated) in Stated<double>(problem, cost))
            {
                using TransportResult<double> result = Engines.Default.Solve(stated, new Exact());
                string name = $"{problem.Name} {form}";
                ExactEvidence.Proves(result, cost, problem.A, problem.B, name);
                Assert.That(RelativeError.Of(result.TransportCost, problem.Value, problem.Magnitude), Is.LessThanOrEqualTo(Objective), name);
            }
        }
    }

    [TestCaseSource(nameof(Families))]
    public void Solve_OracleProblemsInFloat_AreRightToTheirInputs(string family)
    {
        foreach (ExactCase problem in OracleFile.Exact.Where(p => p.Family == family))
        {
            double[] seenA = ExactInputs.Seen<float>(problem.A);
            double[] seenB = ExactInputs.Seen<float>(problem.B);
            foreach ((string form, TransportProblem<float> stated) in Stated<float>(problem, problem.CostMatrix()))
            {
                using TransportResult<float> result = Engines.Default.Solve(stated, new Exact());
                double[] seenCost = form == "points"
                    ? problem.Cost!.Between(ExactInputs.Seen<float>(problem.X), ExactInputs.Seen<float>(problem.Y), problem.Dimension)
                    : ExactInputs.Seen<float>(problem.CostMatrix());
                string name = $"{problem.Name} {form}";
                ExactEvidence.Proves(result, seenCost, seenA, seenB, name);

                // Where blocks of equal mass are no longer equal after rounding, huge costs must be paid and the value is another one.
                if (problem.Family == "blocks-apart" && !(seenA.SequenceEqual(problem.A) && seenB.SequenceEqual(problem.B)))
                    continue;
                double largest = TransportEvidence.LargestMagnitude(problem.CostMatrix());
                double magnitude = problem.Family == "blocks-apart" ? problem.Magnitude : Math.Max(problem.Magnitude, largest * problem.A.Sum());
                Assert.That(RelativeError.Of(result.TransportCost, problem.Value, magnitude), Is.LessThanOrEqualTo(FloatInputs), name);
            }
        }
    }

    [Test]
    public void Solve_PointsWithAndWithoutStoredCosts_GiveTheSameBits()
    {
        using Engine unstored = Engine.Create(o => o.CostMatrixBudget = 0);
        foreach (ExactCase problem in OracleFile.Exact.Where(p => p.Cost is not null))
        {
            TransportProblem<double> stated = ExactInputs.Points<double>(
                problem.X, problem.Y, problem.Dimension, ExactInputs.CostOf(problem.Cost!), problem.A, problem.B);
            using TransportResult<double> stored = Engines.Default.Solve(stated, new Exact());
            using TransportResult<double> computed = unstored.Solve(stated, new Exact());
            SameBits.Check(stored, computed, problem.Name);
        }
    }

    private static IEnumerable<(string Form, TransportProblem<T> Problem)> Stated<T>(ExactCase problem, double[] cost)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        yield return ("dense", ExactInputs.Dense<T>(cost, problem.A, problem.B));
        yield return ("sparse", ExactInputs.Sparse<T>(cost, problem.A, problem.B));
        if (problem.Cost is { } ground)
            yield return ("points", ExactInputs.Points<T>(problem.X, problem.Y, problem.Dimension, ExactInputs.CostOf(ground), problem.A, problem.B));
    }
}

using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Indices against SciPy's, ties included; values against exact ones.</summary>
[Category("Simd")]
public sealed class AssignmentOracleTests
{
    // The costs add up exactly in most cases; otherwise one rounding per compensated sum.
    private const double Rounding = 1e-15;

    // Potentials carry the rounding of sums along paths of at most a few dozen arcs.
    private const double CertificateRounding = 1e-12;

    [TestCase(1)]
    [TestCase(2)]
    public void Assign_EveryOracleProblem_HasScipysIndices(int threads)
    {
        Engine engine = threads == 1 ? Engines.SingleThreaded : Engines.TwoThreads;
        foreach (AssignmentCase problem in OracleFile.Assignment)
            Check<double>(engine, problem, problem.Cost);
    }

    [Test]
    public void Assign_EveryOracleProblemInFloat_HasScipysIndices()
    {
        Engine engine = Engines.Default;
        int checkedProblems = 0;
        foreach (AssignmentCase problem in OracleFile.Assignment)
        {
            float[] cost = Array.ConvertAll(problem.Cost, c => (float)c);
            if (!problem.Cost.Zip(cost).All(c => c.First == c.Second))
                continue;
            Check<float>(engine, problem, cost);
            checkedProblems++;
        }

        Assert.That(checkedProblems, Is.GreaterThan(400));
    }

    [Test]
    public void Assign_ReferenceCases_HaveTheirCosts()
    {
        Engine engine = Engines.Default;
        List<ReferenceCase> problems = [.. OracleFile.Reference.Where(c => c.Family == "assignment")];
        Assert.That(problems, Has.Count.EqualTo(2));
        foreach (ReferenceCase problem in problems)
        {
            (double[] values, int columns) = problem.Arrays["C"];
            double expected = problem.Expected["cost"][0];
            AssignmentResult result = engine.Assign(Tensor.Create(values, [values.Length / columns, columns]));
            Assert.That(result.TotalCost, Is.EqualTo(expected).Within(problem.AbsoluteTolerance + Math.Abs(problem.RelativeTolerance * expected)));
        }
    }

    [Test]
    public void Assign_FourByThreeByHand_IsFifteen()
    {
        Engine engine = Engines.Default;
        AssignmentResult result = engine.Assign(Tensor.Create([8.0, 4, 7, 5, 2, 3, 9, 6, 7, 9, 4, 8], [4, 3]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.TotalCost, Is.EqualTo(15));
            Assert.That(result.RowIndices.ToArray(), Is.EqualTo(new[] { 0, 1, 3 }));
            Assert.That(result.ColumnIndices.ToArray(), Is.EqualTo(new[] { 0, 2, 1 }));
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void AssignBatch_OfEveryFeasibleProblem_HasTheBitsOfEachAlone(bool maximize)
    {
        AssignmentCase[] problems = [.. OracleFile.Assignment.Where(problem => problem.IsFeasible && problem.Maximize == maximize)];
        Tensor<double>[] costs = [.. problems.Select(problem => Tensor.Create(problem.Cost, [problem.RowCount, problem.ColumnCount]))];
        Assignment options = new() { Maximize = maximize };

        IReadOnlyList<AssignmentResult> together = Engines.TwoThreads.AssignBatch(costs, options);

        for (int k = 0; k < problems.Length; k++)
        {
            AssignmentResult alone = Engines.SingleThreaded.Assign(costs[k], options);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(together[k].ColumnIndices.ToArray(), Is.EqualTo(alone.ColumnIndices.ToArray()), problems[k].Name);
                Assert.That(together[k].Potentials.F.ToArray(), Is.EqualTo(alone.Potentials.F.ToArray()), problems[k].Name);
                Assert.That(together[k].Potentials.G.ToArray(), Is.EqualTo(alone.Potentials.G.ToArray()), problems[k].Name);
                Assert.That(together[k].Certificate, Is.EqualTo(alone.Certificate), problems[k].Name);
            }
        }
    }

    private static void Check<T>(Engine engine, AssignmentCase problem, T[] cost)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Tensor<T> costs = Tensor.Create(cost, [problem.RowCount, problem.ColumnCount]);
        Assignment options = new() { Maximize = problem.Maximize };
        if (!problem.IsFeasible)
        {
            Assert.That(
                () => engine.Assign(costs, options),
                Throws.TypeOf<ProblemException>().With.Property(nameof(ProblemException.Error)).EqualTo(ProblemError.Infeasible),
                problem.Name);
            return;
        }

        AssignmentResult result = engine.Assign(costs, options);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.RowIndices.ToArray(), Is.EqualTo(problem.Rows), problem.Name);
            Assert.That(result.ColumnIndices.ToArray(), Is.EqualTo(problem.Columns), problem.Name);
            Assert.That(RelativeError.Of(result.TotalCost, problem.Value), Is.LessThanOrEqualTo(Rounding), problem.Name);
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), problem.Name);
            Assert.That(AssignmentEvidence.LargestViolation(problem, result), Is.LessThanOrEqualTo(CertificateRounding), problem.Name);
            Assert.That(result.Certificate.LargestViolation, Is.LessThanOrEqualTo(CertificateRounding), problem.Name);
            Assert.That(result.Certificate.RelativeGap, Is.LessThanOrEqualTo(CertificateRounding), problem.Name);
        }
    }
}

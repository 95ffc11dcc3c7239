using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

public sealed class NaiveAssignmentTests
{
    private const double Inf = double.PositiveInfinity;
    private const int LargestSide = 8;
    // Costs are whole numbers or multiples of 2^-20, so their sums are exact.
    private const double ExactSums = 0;

    [Test]
    public void Solve_FourRowsThreeColumnsByHand_LeavesARowOut() =>
        Assert.That(NaiveAssignment.Solve([8, 4, 7, 5, 2, 3, 9, 6, 7, 9, 4, 8], 4, 3, maximize: false), Is.EqualTo(15));

    [Test]
    public void Solve_Maximised_TakesTheLargerDiagonal() =>
        Assert.That(NaiveAssignment.Solve([1, 5, 4, 1], 2, 2, maximize: true), Is.EqualTo(9));

    [Test]
    public void Solve_RowWithoutPartner_HasNoValue() =>
        Assert.That(NaiveAssignment.Solve([Inf, Inf, 1, 2], 2, 2, maximize: false), Is.Null);

    [Test]
    public void Solve_Empty_IsZero() => Assert.That(NaiveAssignment.Solve([], 0, 3, maximize: false), Is.Zero);

    [Test]
    public void Solve_SmallOracleProblems_HaveTheirValues()
    {
        int tried = 0;
        foreach (var problem in OracleFile.Assignment.Where(p => Math.Max(p.RowCount, p.ColumnCount) <= LargestSide))
        {
            double? value = NaiveAssignment.Solve(problem.Cost, problem.RowCount, problem.ColumnCount, problem.Maximize);
            Assert.That(value.HasValue, Is.EqualTo(problem.IsFeasible), problem.Name);
            if (value.HasValue)
                Assert.That(value, Is.EqualTo(problem.Value).Within(ExactSums), problem.Name);
            tried++;
        }

        Assert.That(tried, Is.GreaterThan(30));
    }
}

using System.Text.Json;
using OtEngine.Cli.Tests.Formats;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class LineAndAssignCommandTests
{
    private const double Rounding = 1e-14;
    private static readonly double[] Positions = [0, 0.25, 0.75];
    private static readonly double[] Weights = [0.4, 0.4, 0.2];
    private static readonly double[] Costs = [8, 4, 7, 5, 2, 3, 9, 6, 7, 9, 4, 8];

    [Test]
    public void Line_WithoutP_IsOfOrderTwo()
    {
        using TemporaryFolder folder = new();
        string x = CaseFiles.Text(folder, "x.csv", "0\n1\n");
        string y = CaseFiles.Text(folder, "y.csv", "3,4\n");
        JsonElement answer = CliRun.Answer("line", "--x", x, "--y", y);
        Assert.That(answer.GetProperty("value").GetDouble(), Is.EqualTo(9).Within(Rounding));
        Assert.That(answer.GetProperty("distance").GetDouble(), Is.EqualTo(3).Within(Rounding));
    }

    [Test]
    public void Line_Periodic_TakesTheShorterArc()
    {
        using TemporaryFolder folder = new();
        string x = CaseFiles.Text(folder, "x.csv", "0.95\n");
        string y = CaseFiles.Text(folder, "y.csv", "0.05\n");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CliRun.Answer("line", "--x", x, "--y", y, "--p", "1").GetProperty("value").GetDouble(), Is.EqualTo(0.9).Within(Rounding));
            Assert.That(CliRun.Answer("line", "--x", x, "--y", y, "--p", "1", "--periodic").GetProperty("value").GetDouble(), Is.EqualTo(0.1).Within(Rounding));
        }
    }

    [Test]
    public void Line_Weights_AgainstUniformOnes()
    {
        using TemporaryFolder folder = new();
        string x = CaseFiles.Write(folder, "x", Positions, 1);
        string a = CaseFiles.Write(folder, "a", Weights, 1);
        JsonElement answer = CliRun.Answer("line", "--x", x, "--y", x, "--a", a, "--p", "1");
        Assert.That(answer.GetProperty("value").GetDouble(), Is.EqualTo(1 / 12.0).Within(Rounding));
    }

    [Test]
    public void Line_BadInput_IsRefused()
    {
        using TemporaryFolder folder = new();
        string x = CaseFiles.Write(folder, "x", Positions, 1);
        string plane = CaseFiles.Text(folder, "plane.csv", "0,1\n2,3\n");
        string negative = CaseFiles.Text(folder, "negative.csv", "1,-1,1\n");
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["line", "--x", x], "--y is missing");
            CliRun.AssertRefused(2, ["line", "--x", x, "--y", plane], plane, "vector");
            CliRun.AssertRefused(2, ["line", "--x", x, "--y", x, "--a", negative], negative, "row 1, column 2", "-1");
        }
    }

    [Test]
    public void Assign_MoreRowsThanColumns_WritesThePairs()
    {
        using TemporaryFolder folder = new();
        string costs = CaseFiles.Write(folder, "c", Costs, 3);
        string pairs = folder.PathOf("new/pairs.csv");
        JsonElement answer = CliRun.Answer("assign", "--cost-matrix", costs, "--out", pairs);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("value").GetDouble(), Is.EqualTo(15));
            Assert.That(answer.GetProperty("pairs").GetInt64(), Is.EqualTo(3));
            Assert.That(File.ReadAllLines(pairs), Is.EqualTo(new[] { "row,column,cost", "0,0,8", "1,2,3", "3,1,4" }));
        }
    }

    [Test]
    public void Assign_Maximize_GivesTheLargestTotal()
    {
        using TemporaryFolder folder = new();
        string costs = CaseFiles.Write(folder, "c", Costs, 3);
        Assert.That(CliRun.Answer("assign", "--cost-matrix", costs, "--maximize").GetProperty("value").GetDouble(), Is.EqualTo(22));
    }

    [Test]
    public void Assign_ForbiddenPairs_AreInfiniteCosts()
    {
        using TemporaryFolder folder = new();
        string costs = CaseFiles.Text(folder, "c.csv", "1,2\ninf,4\n");
        string infeasible = CaseFiles.Text(folder, "infeasible.csv", "inf,2\ninf,4\n");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CliRun.Answer("assign", "--cost-matrix", costs).GetProperty("value").GetDouble(), Is.EqualTo(5));
            CliRun.AssertRefused(2, ["assign", "--cost-matrix", infeasible], infeasible);
            CliRun.AssertRefused(2, ["assign", "--cost-matrix", costs, "--maximize"], costs);
            CliRun.AssertRefused(2, ["assign", "--cost-matrix", CaseFiles.Text(folder, "large.csv", "1,2\n3,1e39\n"), "--dtype", "float32"], "row 2, column 2", "float32");
            CliRun.AssertRefused(2, ["assign"], "--cost-matrix is missing");
        }
    }
}

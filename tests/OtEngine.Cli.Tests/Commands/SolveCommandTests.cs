using System.Text.Json;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class SolveCommandTests
{
    // A relative rounding error of sums over a handful of terms.
    private const double Rounding = 1e-14;

    private static readonly double[] Costs = [0, 2, 3, 1, 0, 1];
    private static readonly double[] A = [1, 3];
    private static readonly double[] B = [2, 1, 1];
    private static readonly double[] Plan = [1, 0, 0, 1, 1, 1];
    private static readonly double[] X = [0, 0, 0, 2, 5, 1];
    private static readonly double[] Y = [2, 1, 2, 2];

    [Test]
    public void Solve_CostMatrix_ReportsTheKeysOfTheContract()
    {
        using TemporaryFolder folder = new();
        JsonElement answer = CliRun.Answer([.. Problem(folder)]);

        string[] keys =
        [
            "value", "transport_cost", "dual_cost", "lower_bound", "upper_bound", "relative_gap", "largest_violation", "distance", "mass",
            "marginal_error_a", "marginal_error_b", "iterations", "solve_milliseconds", "status", "method", "dtype", "device", "peak_memory_bytes",
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.EnumerateObject().Select(property => property.Name), Is.EquivalentTo(keys));
            Assert.That(answer.GetProperty("value").GetDouble(), Is.EqualTo(2).Within(Rounding));
            Assert.That(answer.GetProperty("lower_bound").GetDouble(), Is.EqualTo(2).Within(Rounding));
            Assert.That(answer.GetProperty("upper_bound").GetDouble(), Is.EqualTo(2).Within(Rounding));
            Assert.That(answer.GetProperty("mass").GetDouble(), Is.EqualTo(4));
            Assert.That(answer.GetProperty("distance").ValueKind, Is.EqualTo(JsonValueKind.Null), "a matrix is no known power of a metric");
            Assert.That(answer.GetProperty("method").GetString(), Is.EqualTo("exact"));
            Assert.That(answer.GetProperty("peak_memory_bytes").GetInt64(), Is.GreaterThan(1 << 20));
            Assert.That(answer.GetProperty("solve_milliseconds").GetDouble(), Is.Positive);
        }
    }

    [Test]
    public void Solve_PlanAndPotentials_AreWrittenIntoANewFolder()
    {
        using TemporaryFolder folder = new();
        string plan = folder.PathOf("new/deep/plan.npy");
        string potentials = folder.PathOf("new/potentials.npz");
        CliRun.Answer([.. Problem(folder), "--plan", plan, "--potentials", potentials]);

        NumericArray written = NumericFile.Read(plan);
        double[] f = NumericFile.Read(potentials + ":f").AsVector();
        double[] g = NumericFile.Read(potentials + ":g").AsVector();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(written.Shape.ToArray(), Is.EqualTo(new[] { 2, 3 }));
            Assert.That(written.Values, Is.EqualTo(Plan).Within(Rounding));
            Assert.That(written.TypeName, Is.EqualTo("float64"));
            Assert.That(f, Has.Length.EqualTo(2));
            Assert.That(g, Has.Length.EqualTo(3));
            for (int k = 0; k < Costs.Length; k++)
                Assert.That(f[k / 3] + g[k % 3], Is.LessThanOrEqualTo(Costs[k] + Rounding));
        }
    }

    [Test]
    public void Solve_PlanOfFloat32_IsWrittenAsFloat32()
    {
        using TemporaryFolder folder = new();
        string plan = folder.PathOf("plan.npy");
        CliRun.Answer([.. Problem(folder), "--plan", plan, "--dtype", "float32"]);
        NumericArray written = NumericFile.Read(plan);
        Assert.That(written.TypeName, Is.EqualTo("float32"));
        Assert.That(written.Values, Is.EqualTo(Plan));
    }

    [Test]
    public void Solve_PlanAsCsv_HoldsItsEntriesAsTriples()
    {
        using TemporaryFolder folder = new();
        string plan = folder.PathOf("plan.csv");
        CliRun.Answer([.. Problem(folder), "--plan", plan]);
        Assert.That(File.ReadAllLines(plan), Is.EqualTo(new[] { "row,column,mass", "0,0,1", "1,0,1", "1,1,1", "1,2,1" }));
    }

    [TestCase("sqeuclidean", 4.5)]
    [TestCase("pnorm:2:2", 4.5)]
    [TestCase("cityblock", 2.5)]
    [TestCase("pnorm:1", 2.5)]
    [TestCase("chebyshev", 2.0)]
    [TestCase("pnorm:inf", 2.0)]
    public void Solve_GroundCosts_AreTheNamedOnes(string cost, double expected)
    {
        using TemporaryFolder folder = new();
        string x = CaseFiles.Write(folder, "x", X[..4], 2);
        string y = CaseFiles.Write(folder, "y", Y, 2);
        double value = CliRun.Answer("solve", "--x", x, "--y", y, "--cost", cost).GetProperty("value").GetDouble();
        Assert.That(value, Is.EqualTo(expected).Within(Rounding));
    }

    [Test]
    public void Solve_PowerOfAMetric_ReportsTheDistance()
    {
        using TemporaryFolder folder = new();
        string x = CaseFiles.Write(folder, "x", X[..4], 2);
        string y = CaseFiles.Write(folder, "y", Y, 2);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CliRun.Answer("solve", "--x", x, "--y", y).GetProperty("distance").GetDouble(), Is.EqualTo(Math.Sqrt(4.5)).Within(Rounding));
            Assert.That(CliRun.Answer("solve", "--x", y, "--y", y, "--cost", "cosine").GetProperty("distance").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }
    }

    [Test]
    public void Solve_OneIteration_EndsWithMaxIterationsAndExitCodeOne()
    {
        using TemporaryFolder folder = new();
        Random random = new(7);
        string costs = CaseFiles.Write(folder, "c", [.. Enumerable.Range(0, 20 * 31).Select(_ => random.NextDouble())], 31);
        CliRun run = CliRun.Of("solve", "--cost-matrix", costs, "--max-iterations", "1", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1));
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("max_iterations"));
            Assert.That(run.Json.GetProperty("value").GetDouble(), Is.Positive);
        }
    }

    [Test]
    public void Solve_Repeat_GivesTheSameAnswer()
    {
        using TemporaryFolder folder = new();
        string[] problem = Problem(folder);
        Assert.That(
            CliRun.Answer([.. problem, "--repeat", "4"]).GetProperty("value").GetDouble(),
            Is.EqualTo(CliRun.Answer(problem).GetProperty("value").GetDouble()));
    }

    [Test]
    public void Solve_Plot_DrawsLinesForPointsAndAHeatMapForAMatrix()
    {
        using TemporaryFolder folder = new();
        string x = CaseFiles.Write(folder, "x", X, 2);
        string y = CaseFiles.Write(folder, "y", Y, 2);
        CliRun.Answer("solve", "--x", x, "--y", y, "--plot", folder.PathOf("lines.svg"));
        CliRun.Answer([.. Problem(folder), "--plot", folder.PathOf("map.svg")]);
        Assert.That(File.ReadAllText(folder.PathOf("lines.svg")), Does.StartWith("<svg").And.Contain("<line"));
        Assert.That(File.ReadAllText(folder.PathOf("map.svg")), Does.StartWith("<svg").And.Contain("<image"));
    }

    [Test]
    public void Solve_WithoutJson_PrintsATableOfAtMostEightyColumns()
    {
        using TemporaryFolder folder = new();
        CliRun run = CliRun.Of(Problem(folder));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.Zero);
            Assert.That(run.Out, Does.Contain("transport cost").And.Contain("converged").And.Not.Contain('\u001b'));
            Assert.That(run.Out.Split('\n').Max(line => line.Length), Is.LessThanOrEqualTo(80));
            Assert.That(run.Error, Is.Empty);
        }
    }

    [Test]
    public void Solve_Quiet_PrintsTheValueAlone()
    {
        using TemporaryFolder folder = new();
        CliRun run = CliRun.Of([.. Problem(folder), "--quiet"]);
        Assert.That(run.Out.TrimEnd(), Is.EqualTo("2"));
    }

    [Test]
    public void Solve_Timeout_IsCancelledWithExitCodeOneAndJson()
    {
        using TemporaryFolder folder = new();
        const int SecondsOfWork = 5000;
        Random random = new(3);
        string x = CaseFiles.Write(folder, "x", [.. Enumerable.Range(0, 2 * SecondsOfWork).Select(_ => random.NextDouble())], 2);
        string y = CaseFiles.Write(folder, "y", [.. Enumerable.Range(0, 2 * SecondsOfWork).Select(_ => random.NextDouble())], 2);
        CliRun run = CliRun.Of("solve", "--x", x, "--y", y, "--timeout", "0.05", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1));
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
            Assert.That(run.Json.GetProperty("value").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }
    }

    [Test]
    public void Solve_Interrupted_ExitsWith130()
    {
        using TemporaryFolder folder = new();
        CliRun run = CliRun.Of(new CancellationToken(canceled: true), [.. Problem(folder), "--json"]);
        Assert.That(run.Code, Is.EqualTo(130));
        Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
    }

    [Test]
    public void Solve_WrongFiles_NameFileRowAndValue()
    {
        using TemporaryFolder folder = new();
        string costs = CaseFiles.Write(folder, "c", Costs, 3);
        string good = CaseFiles.Text(folder, "good.csv", "2\n1\n1\n");
        string negative = CaseFiles.Text(folder, "negative.csv", "weight\n1\n-3\n");
        string zero = CaseFiles.Text(folder, "zero.csv", "0\n0\n");
        string many = CaseFiles.Text(folder, "many.csv", "1\n1\n1\n");
        string word = CaseFiles.Text(folder, "word.csv", "1\nthree\n");
        string nan = CaseFiles.Text(folder, "nan.csv", "1,2\nnan,4\n");
        string directory = folder.PathOf("directory.npy");
        Directory.CreateDirectory(directory);
        string uneven = CaseFiles.Text(folder, "uneven.csv", "1\n1\n");
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", costs, "--a", negative, "--b", good], negative, "row 3", "-3", "at least zero");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", costs, "--a", zero, "--b", good], zero, "zero");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", costs, "--a", many, "--b", good], many, "3 weights", "2 are needed");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", costs, "--a", word, "--b", good], word, "row 2", "'three'");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", costs, "--a", uneven, "--b", good], uneven, good, "totals");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", nan], nan, "row 2, column 1", "NaN", "finite");
            CliRun.AssertRefused(2, ["solve", "--x", nan, "--y", many], nan, "finite");
            CliRun.AssertRefused(2, ["solve", "--x", good, "--y", zero, "--cost", "cosine"], zero, "y[0]", "cosine");
            CliRun.AssertRefused(2, ["solve", "--x", good, "--y", costs], costs, good, "3 coordinates");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", folder.PathOf("absent.npy")], "absent.npy", "does not exist");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", directory], directory, "directory");
        }
    }

    [Test]
    public void Solve_ValueBeyondFloat32_IsRefusedOnlyThere()
    {
        using TemporaryFolder folder = new();
        string costs = CaseFiles.Text(folder, "c.csv", "1,2\n3,1e39\n");
        CliRun.AssertRefused(2, ["solve", "--cost-matrix", costs, "--dtype", "float32"], costs, "row 2, column 2", "float32");
        Assert.That(CliRun.Of("solve", "--cost-matrix", costs).Code, Is.Zero);
    }

    [Test]
    public void Solve_OptionsThatExcludeEachOther_AreRefused()
    {
        using TemporaryFolder folder = new();
        string c = CaseFiles.Write(folder, "c", Costs, 3);
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["solve"], "--x", "--cost-matrix");
            CliRun.AssertRefused(2, ["solve", "--x", c], "--y is missing");
            CliRun.AssertRefused(2, ["solve", "--y", c], "--x is missing");
            CliRun.AssertRefused(2, ["solve", "--x", c, "--y", c, "--cost-matrix", c], "--cost-matrix", "--x");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", c, "--cost", "euclidean"], "--cost ");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", c, "--plan", folder.PathOf("p.txt")], "p.txt", ".npy");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", c, "--plan", folder.PathOf("c.npy/p.npy")], "p.npy");
        }
    }

    [Test]
    public void Solve_OutputThatIsAnInputOrAnotherOutput_IsRefusedAndTheFileStays()
    {
        using TemporaryFolder folder = new();
        string c = CaseFiles.Write(folder, "c", Costs, 3);
        string b = CaseFiles.Write(folder, "b", B, 1, 2);
        byte[] before = File.ReadAllBytes(c);
        string roundabout = Path.Combine(Path.GetDirectoryName(c)!, ".", "c.npy");
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", c, "--plan", c], c, "--plan would overwrite it");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", c, $"--plan={roundabout}"], "named twice");
            CliRun.AssertRefused(2, ["solve", "--cost-matrix", c, "--b", b, "--potentials", folder.PathOf("b.npz")], "b.npz", "--potentials");
            CliRun.AssertRefused(2, ["assign", "--cost-matrix", folder.PathOf("d.csv"), "--out", folder.PathOf("d.csv")], "d.csv", "--out");
            CliRun.AssertRefused(2, ["transfer", "o.png", "r.png", "--out", "o.png"], "o.png", "--out");
            Assert.That(File.ReadAllBytes(c), Is.EqualTo(before));
        }
    }

    private static string[] Problem(TemporaryFolder folder) =>
    [
        "solve",
        "--cost-matrix", CaseFiles.Write(folder, "c", Costs, 3),
        "--a", CaseFiles.Write(folder, "a", A, 1, 1),
        "--b", CaseFiles.Write(folder, "b", B, 1, 2),
    ];
}

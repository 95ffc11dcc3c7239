using System.Text.Json;
using System.Xml.Linq;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;
using OtEngine.TestSupport;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class SinkhornCommandTests
{
    // The tolerance asked for, times potentials of the size of the costs.
    private const double Error = 1e-9;
    private const int Rows = 17;
    private const int Columns = 23;

    private static readonly double[] Costs = Draw(1, Rows * Columns, random => 4 * random.NextDouble());
    private static readonly double[] A = Weights(2, Rows);
    private static readonly double[] B = Weights(3, Columns);

    [Test]
    public void Solve_CostMatrix_ReportsTheKeysOfTheContractAndTheReferencesValues()
    {
        using TemporaryFolder folder = new();
        JsonElement answer = CliRun.Answer([.. Problem(folder), "--epsilon", "0.3", "--tolerance", "1e-11"]);

        string[] keys =
        [
            "value", "transport_cost", "regularized_cost", "dual_cost", "lower_bound", "upper_bound", "relative_gap", "distance", "mass",
            "marginal_error_a", "marginal_error_b", "iterations", "epsilon", "solve_milliseconds", "status", "method", "dtype", "device", "peak_memory_bytes",
        ];
        (double[] f, double[] g, _) = NaiveSinkhorn.Solve(Costs, A, B, 0.3, 1e-13);
        double[] plan = NaiveEntropic.Plan(Costs, A, B, f, g, 0.3);
        double cost = Costs.Zip(plan, (c, p) => c * p).Sum();
        double exact = NaiveTransportLp.Solve(Costs, A, B).Value;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.EnumerateObject().Select(property => property.Name), Is.EquivalentTo(keys));
            Assert.That(Number(answer, "value"), Is.EqualTo(cost).Within(Error));
            Assert.That(Number(answer, "transport_cost"), Is.EqualTo(Number(answer, "value")));
            Assert.That(Number(answer, "regularized_cost"), Is.EqualTo(NaiveEntropic.RegularizedCost(Costs, plan, A, B, 0.3)).Within(Error));
            Assert.That(Number(answer, "dual_cost"), Is.EqualTo(Number(answer, "regularized_cost")).Within(Error));
            Assert.That(Number(answer, "lower_bound"), Is.LessThanOrEqualTo(exact + Error));
            Assert.That(Number(answer, "upper_bound"), Is.GreaterThanOrEqualTo(exact - Error));
            Assert.That(Number(answer, "mass"), Is.EqualTo(A.Sum()).Within(Error));
            Assert.That(Number(answer, "epsilon"), Is.EqualTo(0.3));
            Assert.That(answer.GetProperty("method").GetString(), Is.EqualTo("sinkhorn"));
            Assert.That(answer.GetProperty("iterations").GetInt64(), Is.Positive);
        }
    }

    [TestCase("float64")]
    [TestCase("float32")]
    public void Solve_AtDefaults_TakesATwentiethOfTheMeanCostAndItsTolerance(string dtype)
    {
        using TemporaryFolder folder = new();
        JsonElement answer = CliRun.Answer([.. Problem(folder), "--dtype", dtype]);
        JsonElement relative = CliRun.Answer([.. Problem(folder), "--dtype", dtype, "--epsilon-relative", "0.05"]);
        double allowed = (dtype == "float32" ? 1e-4 : 1e-6) * A.Sum();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Number(answer, "epsilon"), Is.EqualTo(0.05 * Costs.Average()).Within(1e-6));
            Assert.That(Number(relative, "value"), Is.EqualTo(Number(answer, "value")));
            Assert.That(Number(answer, "marginal_error_a"), Is.LessThanOrEqualTo(allowed));
            Assert.That(Number(answer, "marginal_error_b"), Is.LessThanOrEqualTo(allowed));
        }
    }

    [Test]
    public void Solve_ToleranceZero_RunsExactlyThatManyPlainSweeps()
    {
        using TemporaryFolder folder = new();
        string plan = folder.PathOf("plan.npy");
        CliRun run = CliRun.Of([.. Problem(folder), "--epsilon", "0.2", "--tolerance", "0", "--max-iterations", "7", "--plan", plan, "--json"]);

        // The engine starts from hard c-transforms over the atoms with mass.
        double[] f = [.. Enumerable.Range(0, Rows).Select(i => Enumerable.Range(0, Columns).Where(j => B[j] > 0).Min(j => Costs[(i * Columns) + j]))];
        double[] g = [.. Enumerable.Range(0, Columns).Select(j => Enumerable.Range(0, Rows).Where(i => A[i] > 0).Min(i => Costs[(i * Columns) + j] - f[i]))];
        for (int sweep = 0; sweep < 7; sweep++)
            (f, g) = NaiveSinkhorn.Sweep(Costs, A, B, f, g, 0.2);
        double[] expected = NaiveEntropic.Plan(Costs, A, B, f, g, 0.2);
        double[] written = NumericFile.Read(plan).Values;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1));
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("max_iterations"));
            Assert.That(run.Json.GetProperty("iterations").GetInt64(), Is.EqualTo(7));
            Assert.That(run.Json.TryGetProperty("advice", out _), Is.False);
            for (int k = 0; k < expected.Length; k++)
                Assert.That(written[k], Is.EqualTo(expected[k]).Within(Error), $"entry {k}");
        }
    }

    [Test]
    public void Solve_TooFewIterations_ExitsWithOneAndSaysWhatToDo()
    {
        using TemporaryFolder folder = new();
        CliRun run = CliRun.Of([.. Problem(folder), "--epsilon", "0.01", "--max-iterations", "5", "--json"]);
        CliRun table = CliRun.Of([.. Problem(folder), "--epsilon", "0.01", "--max-iterations", "5"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1));
            Assert.That(run.Error, Is.Empty);
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("max_iterations"));
            Assert.That(run.Json.GetProperty("advice").GetString(), Does.Contain("epsilon 0.01").And.Contain("more iterations"));
            Assert.That(run.Json.GetProperty("iterations").GetInt64(), Is.EqualTo(5));
            Assert.That(table.Out, Does.Contain("advice").And.Contain("max_iterations"));
            Assert.That(table.Out.Split('\n').Max(line => line.Length), Is.LessThanOrEqualTo(80));
        }
    }

    [Test]
    public void Solve_FewerIterationsThanStages_StillEndsAtTheEpsilonAskedFor([Range(1, 6)] int iterations)
    {
        using TemporaryFolder folder = new();
        CliRun run = CliRun.Of([.. Problem(folder), "--epsilon", "0.001", "--max-iterations", $"{iterations}", "--json"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("max_iterations"));
            Assert.That(run.Json.GetProperty("iterations").GetInt64(), Is.EqualTo(iterations));
            Assert.That(Number(run.Json, "mass"), Is.EqualTo(A.Sum()).Within(Error), "the last update sets one marginal");
        }
    }

    [Test]
    public void Solve_PlanAndPotentials_AgreeByTheFormula()
    {
        using TemporaryFolder folder = new();
        string potentials = folder.PathOf("potentials.npz");
        CliRun.Answer([.. Problem(folder), "--epsilon", "0.3", "--plan", folder.PathOf("plan.npy"), "--potentials", potentials]);
        CliRun.Answer([.. Problem(folder), "--epsilon", "0.3", "--plan", folder.PathOf("plan.csv")]);

        double[] f = NumericFile.Read(potentials + ":f").AsVector();
        double[] g = NumericFile.Read(potentials + ":g").AsVector();
        double[] plan = NumericFile.Read(folder.PathOf("plan.npy")).Values;
        double[] expected = NaiveEntropic.Plan(Costs, A, B, f, g, 0.3);
        double[] triples = NumericFile.Read(folder.PathOf("plan.csv")).Values;
        using (Assert.EnterMultipleScope())
        {
            for (int k = 0; k < plan.Length; k++)
                Assert.That(plan[k], Is.EqualTo(expected[k]).Within(1e-13), $"entry {k}");
            Assert.That(triples, Has.Length.EqualTo(3 * plan.Count(mass => mass > 0)), "an entropic plan has mass wherever both sides have");
            foreach (double[] triple in triples.Chunk(3))
                Assert.That(triple[2], Is.EqualTo(plan[((int)triple[0] * Columns) + (int)triple[1]]).Within(1e-15));
        }
    }

    [Test]
    public void Solve_Points_GiveWhatTheirCostMatrixGives()
    {
        using TemporaryFolder folder = new();
        double[] x = Draw(4, 2 * Rows, random => random.NextDouble());
        double[] y = Draw(5, 2 * Columns, random => random.NextDouble() + 0.5);
        double[] costs = new double[Rows * Columns];
        for (int k = 0; k < costs.Length; k++)
            costs[k] = Math.Abs(x[2 * (k / Columns)] - y[2 * (k % Columns)]) + Math.Abs(x[(2 * (k / Columns)) + 1] - y[(2 * (k % Columns)) + 1]);
        string[] points = [.. Weighted(folder), "--x", CaseFiles.Write(folder, "x", x, 2), "--y", CaseFiles.Write(folder, "y", y, 2), "--cost", "cityblock"];
        string[] matrix = [.. Weighted(folder), "--cost-matrix", CaseFiles.Write(folder, "c", costs, Columns)];
        JsonElement byPoints = CliRun.Answer([.. points, "--epsilon", "0.05", "--tolerance", "1e-11"]);
        JsonElement byMatrix = CliRun.Answer([.. matrix, "--epsilon", "0.05", "--tolerance", "1e-11"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Number(byPoints, "value"), Is.EqualTo(Number(byMatrix, "value")).Within(Error));
            Assert.That(Number(byPoints, "distance"), Is.EqualTo(Number(byPoints, "transport_cost") / A.Sum()).Within(Error));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Solve_Plot_ShowsThePlanAndTheConvergenceAndChangesNoNumber(bool isMatrix)
    {
        using TemporaryFolder folder = new();
        string[] problem = isMatrix ? Problem(folder) :
        [
            .. Weighted(folder),
            "--x", CaseFiles.Write(folder, "x", Draw(6, 2 * Rows, random => random.NextDouble()), 2),
            "--y", CaseFiles.Write(folder, "y", Draw(7, 2 * Columns, random => random.NextDouble()), 2),
        ];
        string plot = folder.PathOf("plot.svg");
        JsonElement plain = CliRun.Answer([.. problem, "--epsilon", "0.01"]);
        JsonElement drawn = CliRun.Answer([.. problem, "--epsilon", "0.01", "--plot", plot]);

        XElement picture = XDocument.Parse(File.ReadAllText(plot)).Root!;
        string[] texts = [.. picture.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Number(drawn, "value"), Is.EqualTo(Number(plain, "value")));
            Assert.That(drawn.GetProperty("iterations").GetInt64(), Is.EqualTo(plain.GetProperty("iterations").GetInt64()));
            Assert.That(texts, Does.Contain("Transport plan").And.Contain("Convergence").And.Contain("tolerance").And.Contain("epsilon").And.Contain("0.01").And.Contain("0.04"));
            Assert.That(picture.Descendants().Count(element => element.Name.LocalName == "polyline"), Is.GreaterThanOrEqualTo(2));
        }
    }

    [Test]
    public void Solve_Repeat_GivesTheSameAnswerForAnyNumberOfThreads()
    {
        using TemporaryFolder folder = new();
        string[] problem = [.. Problem(folder), "--epsilon", "0.05"];
        Assert.That(
            Number(CliRun.Answer([.. problem, "--repeat", "4", "--threads", "3"]), "value"),
            Is.EqualTo(Number(CliRun.Answer([.. problem, "--threads", "1"]), "value")));
    }

    [Test]
    public void Solve_OptionsThatOneMethodReads_AreRefusedWithTheOther()
    {
        using TemporaryFolder folder = new();
        string c = CaseFiles.Write(folder, "c", Costs, Columns);
        string[] exact = ["solve", "--cost-matrix", c];
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, [.. exact, "--method", "sinkhorn", "--epsilon", "1", "--epsilon-relative", "0.1"], "--epsilon and --epsilon-relative", "leave one out");
            CliRun.AssertRefused(2, [.. exact, "--epsilon", "1"], "--epsilon is read by --method sinkhorn alone", "the method is exact");
            CliRun.AssertRefused(2, [.. exact, "--epsilon-relative", "1"], "--epsilon-relative", "sinkhorn");
            CliRun.AssertRefused(2, [.. exact, "--method", "exact", "--tolerance", "1e-3"], "--tolerance", "sinkhorn");
            CliRun.AssertRefused(2, ["transfer", "p.png", "r.png", "--out", folder.PathOf("o.png"), "--epsilon", "1"], "--epsilon", "sinkhorn");
        }
    }

    [Test]
    public void Solve_Timeout_IsCancelledWithExitCodeOneAndJson()
    {
        using TemporaryFolder folder = new();
        const int Points = 3000;
        string x = CaseFiles.Write(folder, "x", Draw(8, 2 * Points, random => random.NextDouble()), 2);
        string y = CaseFiles.Write(folder, "y", Draw(9, 2 * Points, random => random.NextDouble()), 2);
        string[] minutesOfWork = ["solve", "--x", x, "--y", y, "--method", "sinkhorn", "--epsilon", "1e-4", "--tolerance", "0", "--max-iterations", "1000000"];
        CliRun run = CliRun.Of([.. minutesOfWork, "--timeout", "0.3", "--json"]);
        using CancellationTokenSource interrupt = new(TimeSpan.FromSeconds(0.3));
        CliRun interrupted = CliRun.Of(interrupt.Token, [.. minutesOfWork, "--json"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1));
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
            Assert.That(run.Json.GetProperty("value").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(interrupted.Code, Is.EqualTo(130));
            Assert.That(interrupted.Json.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
        }
    }

    private static string[] Problem(TemporaryFolder folder) => [.. Weighted(folder), "--cost-matrix", CaseFiles.Write(folder, "c", Costs, Columns)];

    private static string[] Weighted(TemporaryFolder folder) =>
        ["solve", "--method", "sinkhorn", "--a", CaseFiles.Write(folder, "a", A, 1, 1), "--b", CaseFiles.Write(folder, "b", B, 1, 2)];

    private static double Number(JsonElement answer, string key) => answer.GetProperty(key).GetDouble();

    private static double[] Draw(int seed, int count, Func<Random, double> next)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => next(random))];
    }

    // Uneven, every fifth zero, and of total 5/2.
    private static double[] Weights(int seed, int count)
    {
        double[] weights = Draw(seed, count, random => Math.Exp(3 * random.NextDouble()));
        for (int i = 2; i < count; i += 5)
            weights[i] = 0;
        double total = weights.Sum();
        return Array.ConvertAll(weights, weight => 2.5 * weight / total);
    }
}

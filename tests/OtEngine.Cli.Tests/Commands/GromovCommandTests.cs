using System.Text.Json;
using System.Xml.Linq;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;
using OtEngine.TestSupport;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class GromovCommandTests
{
    private const int Rows = 7;
    private const int Columns = 9;
    private const double Error = 1e-9;

    private static readonly double[] Cx = Distances(1, Rows);
    private static readonly double[] Cy = Distances(2, Columns);
    private static readonly double[] P = Drawn.ExactWeights(3, Rows);
    private static readonly double[] Q = Drawn.ExactWeights(4, Columns);
    private static readonly double[] Features = Drawn.Uniform(5, Rows * Columns);

    [Test]
    public void Gromov_ReportsTheKeysOfTheContract_AndCostsOfItsPlan()
    {
        using TemporaryFolder folder = new();
        string plan = folder.PathOf("plan.npy"), plot = folder.PathOf("plot.svg");
        JsonElement answer = CliRun.Answer([.. Problem(folder), "--epsilon", "0.05", "--tolerance", "1e-9", "--plan", plan, "--plot", plot, "--potentials", folder.PathOf("potentials.npz")]);
        string[] keys =
        [
            "value", "gromov_cost", "regularized_cost", "mass", "marginal_error_a", "marginal_error_b", "moved", "steps", "iterations", "epsilon",
            "solve_milliseconds", "plan", "potentials", "plot", "status", "method", "dtype", "device", "peak_memory_bytes",
        ];
        double[] written = NumericFile.Read(plan).Values;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.EnumerateObject().Select(property => property.Name), Is.EquivalentTo(keys));
            Assert.That(Number(answer, "value"), Is.EqualTo(new NaiveGromov(Cx, Cy, Rows, Columns).Value(written)).Within(Error));
            Assert.That(Number(answer, "gromov_cost"), Is.EqualTo(Number(answer, "value")));
            Assert.That(Number(answer, "moved"), Is.LessThanOrEqualTo(1e-9));
            Assert.That(NaiveEntropic.MarginalErrors(written, P, Q).A, Is.LessThanOrEqualTo(2e-9));
            Assert.That(answer.GetProperty("method").GetString(), Is.EqualTo("entropic"));
            Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("converged"));
            Assert.That(XDocument.Parse(File.ReadAllText(plot)).Root!.Name.LocalName, Is.EqualTo("svg"));
            Assert.That(NumericFile.Read(folder.PathOf("potentials.npz") + ":f").AsVector(), Has.Length.EqualTo(Rows));
        }
    }

    [TestCase(0.0)]
    [TestCase(0.3)]
    [TestCase(1.0)]
    public void Gromov_WithFeatures_IsTheWeightedSumOfBothCosts(double alpha)
    {
        using TemporaryFolder folder = new();
        string features = CaseFiles.Write(folder, "features", Features, Columns), plan = folder.PathOf("plan.csv");
        JsonElement answer = CliRun.Answer([.. Problem(folder), "--features", features, "--alpha", $"{alpha}", "--epsilon", "0.05", "--plan", plan]);
        double[] dense = new double[Rows * Columns];
        foreach (double[] entry in NumericFile.Read(plan).Values.Chunk(3))
            dense[((int)entry[0] * Columns) + (int)entry[1]] = entry[2];
        double expected = ((1 - alpha) * TransportEvidence.TransportCost(Features, dense)) + (alpha * new NaiveGromov(Cx, Cy, Rows, Columns).Value(dense));
        Assert.That(Number(answer, "value"), Is.EqualTo(expected).Within(Error));
        Assert.That(Number(answer, "fused_cost"), Is.EqualTo(Number(answer, "value")));
    }

    [Test]
    public void Gromov_KlLossInFloat_HasTheValueOfItsPlan()
    {
        using TemporaryFolder folder = new();
        string plan = folder.PathOf("plan.npy");
        JsonElement answer = CliRun.Answer([.. Problem(folder), "--loss", "kl", "--epsilon", "2", "--dtype", "float32", "--plan", plan]);
        double expected = new NaiveGromov(Cx, Cy, Rows, Columns, isKl: true).Value(NumericFile.Read(plan).Values);
        Assert.That(Number(answer, "value"), Is.EqualTo(expected).Within(1e-4 * Math.Abs(expected)));
    }

    [Test]
    public void Gromov_ToleranceZero_RunsExactlyThatManySweepsAndExitsWithOne()
    {
        using TemporaryFolder folder = new();
        CliRun run = CliRun.Of([.. Problem(folder), "--epsilon", "0.05", "--tolerance", "0", "--max-iterations", "250", "--json"]);
        Assert.That(run.Code, Is.EqualTo(1));
        Assert.That((run.Json.GetProperty("status").GetString(), run.Json.GetProperty("iterations").GetInt64()), Is.EqualTo(("max_iterations", 250L)));
    }

    [Test]
    public void Gromov_OnTheHostDevice_AnswersAsTheCpu()
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        using TemporaryFolder folder = new();
        string[] line = [.. Problem(folder), "--epsilon", "0.05"];
        JsonElement onDevice = CliRun.Answer([.. line, "--device", "cuda:0"]), onCpu = CliRun.Answer([.. line, "--device", "cpu"]);
        Assert.That(onDevice.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
        Assert.That(Number(onDevice, "value"), Is.EqualTo(Number(onCpu, "value")).Within(1e-6));
    }

    [Test]
    public void Gromov_BadInput_IsRefused()
    {
        using TemporaryFolder folder = new();
        string cx = CaseFiles.Write(folder, "x", Cx, Rows), cy = CaseFiles.Write(folder, "y", Cy, Columns), wide = CaseFiles.Write(folder, "wide", Features, Columns);
        string heavy = CaseFiles.Write(folder, "heavy", [.. P.Select(w => 2 * w)], 1);
        string negative = CaseFiles.Text(folder, "negative.csv", "0,-1\n1,0\n");
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["gromov", "--cx", cx], "--cy is missing");
            CliRun.AssertRefused(2, ["gromov", "--cx", wide, "--cy", cy], wide, "7 x 9", "square");
            CliRun.AssertRefused(2, ["gromov", "--cx", cx, "--cy", cy, "--alpha", "0.5"], "--features");
            CliRun.AssertRefused(2, ["gromov", "--cx", cx, "--cy", cy, "--features", cx], "7 x 7", "7 x 9");
            CliRun.AssertRefused(2, ["gromov", "--cx", cx, "--cy", cy, "--features", wide, "--alpha", "1.5"], "--alpha", "1.5");
            CliRun.AssertRefused(2, ["gromov", "--cx", cx, "--cy", cy, "--loss", "cubic"], "cubic", "square or kl");
            CliRun.AssertRefused(2, ["gromov", "--cx", cx, "--cy", cy, "--method", "annealed"], "annealed");
            CliRun.AssertRefused(2, ["gromov", "--cx", cx, "--cy", cy, "--epsilon", "1", "--epsilon-relative", "1"], "leave one out");
            CliRun.AssertRefused(2, ["gromov", "--cx", cx, "--cy", cy, "--p", heavy], "--p", "--q", "totals");
            CliRun.AssertRefused(2, ["gromov", "--cx", negative, "--cy", cy, "--loss", "kl"], "C1[0, 1]", "-1");
        }
    }

    private static string[] Problem(TemporaryFolder folder) =>
    [
        "gromov", "--cx", CaseFiles.Write(folder, "cx", Cx, Rows), "--cy", CaseFiles.Write(folder, "cy", Cy, Columns, 1),
        "--p", CaseFiles.Write(folder, "p", P, 1, 2), "--q", CaseFiles.Write(folder, "q", Q, 1),
    ];

    private static double[] Distances(int seed, int size)
    {
        double[] points = Drawn.Cloud(seed, size, 2);
        return [.. NaiveCost.Euclidean.Between(points, points, 2).Select(d => d / 4)];
    }

    private static double Number(JsonElement answer, string key) => answer.GetProperty(key).GetDouble();
}

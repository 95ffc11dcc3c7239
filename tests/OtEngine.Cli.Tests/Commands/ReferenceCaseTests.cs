using System.Globalization;
using System.Text.Json;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;
using OtEngine.TestSupport;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class ReferenceCaseTests
{
    // What float inputs, rounded to 2^-24, leave of a value that moves by about as much.
    private const double FloatTolerance = 1e-5;

    // The default tolerances of the marginals, times costs of order one.
    private const double DoubleError = 1e-5;
    private const double FloatError = 1e-3;

    // The families that the command line solves.
    private static IEnumerable<ReferenceCase> Cases => OracleFile.Reference.Where(c => c.Family is "exact" or "assignment" or "line" or "circle");

    [TestCaseSource(nameof(Cases))]
    public void Run_ReferenceCaseInFiles_GivesItsValue(ReferenceCase problem)
    {
        using TemporaryFolder folder = new();
        JsonElement answer = CliRun.Answer([.. Command(problem), .. CaseFiles.Write(problem, folder)]);

        double expected = problem.Expected[problem.Family == "assignment" ? "cost" : "transport_cost"][0];
        double tolerance = problem.AbsoluteTolerance + (problem.RelativeTolerance * Math.Abs(expected));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("value").GetDouble(), Is.EqualTo(expected).Within(tolerance));
            Assert.That(answer.GetProperty("transport_cost").GetDouble(), Is.EqualTo(answer.GetProperty("value").GetDouble()));
            Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("converged"));
            Assert.That(answer.GetProperty("device").GetString(), Is.EqualTo("cpu"));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Run_ReferenceCaseInFloat32_GivesItsValueToFloatTolerance(ReferenceCase problem)
    {
        using TemporaryFolder folder = new();
        JsonElement answer = CliRun.Answer([.. Command(problem), .. CaseFiles.Write(problem, folder), "--dtype", "float32"]);

        double expected = problem.Expected[problem.Family == "assignment" ? "cost" : "transport_cost"][0];
        Assert.That(answer.GetProperty("value").GetDouble(), Is.EqualTo(expected).Within(FloatTolerance * Math.Max(1, Math.Abs(expected))));
    }

    private static IEnumerable<ReferenceCase> EntropicCases => OracleFile.Reference.Where(c => c.Family == "sinkhorn");

    [TestCaseSource(nameof(EntropicCases))]
    public void Run_EntropicReferenceCaseInFiles_GivesItsCostsAndPlan(ReferenceCase problem)
    {
        using TemporaryFolder folder = new();
        string plan = folder.PathOf("plan.npy");
        JsonElement answer = CliRun.Answer([.. Entropic(problem, folder), "--tolerance", "1e-10", "--plan", plan]);

        double[] written = NumericFile.Read(plan).Values;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("status").GetString(), Is.EqualTo("converged"));
            Assert.That(answer.GetProperty("epsilon").GetDouble(), Is.EqualTo(problem.Epsilon));
            Assert.That(answer.GetProperty("value").GetDouble(), Is.EqualTo(answer.GetProperty("transport_cost").GetDouble()));
            foreach ((string key, double[] expected) in problem.Expected.Where(pair => pair.Key != "plan"))
                Assert.That(answer.GetProperty(key).GetDouble(), Is.EqualTo(expected[0]).Within(Tolerance(problem, expected[0])), key);
            for (int k = 0; k < written.Length; k++)
                Assert.That(written[k], Is.EqualTo(problem.Expected["plan"][k]).Within(Tolerance(problem, problem.Expected["plan"][k])), $"plan {k}");
        }
    }

    [TestCaseSource(nameof(EntropicCases))]
    public void Run_EntropicReferenceCaseAtDefaults_GivesItsCosts(ReferenceCase problem)
    {
        using TemporaryFolder folder = new();
        JsonElement answer = CliRun.Answer(Entropic(problem, folder));
        JsonElement single = CliRun.Answer([.. Entropic(problem, folder), "--dtype", "float32"]);

        using (Assert.EnterMultipleScope())
        {
            foreach ((string key, double[] expected) in problem.Expected.Where(pair => pair.Key != "plan"))
            {
                // A marginal error moves the costs by at most itself times the largest potential, which are of the size of the costs here.
                Assert.That(answer.GetProperty(key).GetDouble(), Is.EqualTo(expected[0]).Within(DoubleError), key);
                Assert.That(single.GetProperty(key).GetDouble(), Is.EqualTo(expected[0]).Within(FloatError), key);
            }
        }
    }

    private static IEnumerable<ReferenceCase> SlicedCases => OracleFile.Reference.Where(c => c.Family == "sliced");

    [TestCaseSource(nameof(SlicedCases))]
    public void Run_SlicedReferenceCaseInFiles_GivesItsDistance(ReferenceCase problem)
    {
        using TemporaryFolder folder = new();
        string[] line = ["sliced", "--p", problem.P.ToString(CultureInfo.InvariantCulture), .. CaseFiles.Write(problem, folder)];
        JsonElement answer = CliRun.Answer(line), single = CliRun.Answer([.. line, "--dtype", "float32"]);
        double expected = problem.Expected["distance"][0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("distance").GetDouble(), Is.EqualTo(expected).Within(Tolerance(problem, expected)));
            Assert.That(answer.GetProperty("value").GetDouble(), Is.EqualTo(answer.GetProperty("distance").GetDouble()));
            Assert.That(single.GetProperty("distance").GetDouble(), Is.EqualTo(expected).Within(FloatTolerance));
        }
    }

    private static double Tolerance(ReferenceCase problem, double expected) => problem.AbsoluteTolerance + (problem.RelativeTolerance * Math.Abs(expected));

    private static string[] Entropic(ReferenceCase problem, TemporaryFolder folder) =>
    [
        "solve", "--method", "sinkhorn", "--epsilon", problem.Epsilon.ToString("R", CultureInfo.InvariantCulture),
        .. problem.Cost == "matrix" ? Array.Empty<string>() : ["--cost", problem.Cost],
        .. CaseFiles.Write(problem, folder),
    ];

    private static string[] Command(ReferenceCase problem) => problem.Family switch
    {
        "exact" => problem.Cost == "matrix" ? ["solve"] : ["solve", "--cost", problem.Cost, "--method", "exact"],
        "assignment" => ["assign"],
        "circle" => ["line", "--periodic", "--p", problem.P.ToString(CultureInfo.InvariantCulture)],
        _ => ["line", "--p", problem.P.ToString(CultureInfo.InvariantCulture)],
    };
}

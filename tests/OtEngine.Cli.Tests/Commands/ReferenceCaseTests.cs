using System.Globalization;
using System.Text.Json;
using OtEngine.Cli.Tests.Formats;
using OtEngine.TestSupport;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class ReferenceCaseTests
{
    // What float inputs, rounded to 2^-24, leave of a value that moves by about as much.
    private const double FloatTolerance = 1e-5;

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

    private static string[] Command(ReferenceCase problem) => problem.Family switch
    {
        "exact" => problem.Cost == "matrix" ? ["solve"] : ["solve", "--cost", problem.Cost, "--method", "exact"],
        "assignment" => ["assign"],
        "circle" => ["line", "--periodic", "--p", problem.P.ToString(CultureInfo.InvariantCulture)],
        _ => ["line", "--p", problem.P.ToString(CultureInfo.InvariantCulture)],
    };
}

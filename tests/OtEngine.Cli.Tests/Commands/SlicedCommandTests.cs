using System.Text.Json;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class SlicedCommandTests
{
    private const double Rounding = 1e-14;

    [Test]
    public void Sliced_AlongOneAxis_IsTheDistanceOfItsCoordinates()
    {
        using TemporaryFolder folder = new();
        string[] files = Files(folder);
        string directions = CaseFiles.Write(folder, "directions", [0, 1], 2);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CliRun.Answer(["sliced", .. files, "--directions", directions]).GetProperty("distance").GetDouble(), Is.EqualTo(3).Within(Rounding));
            Assert.That(CliRun.Answer(["sliced", .. files, "--directions", directions, "--p", "1"]).GetProperty("transport_cost").GetDouble(), Is.EqualTo(3).Within(Rounding));
        }
    }

    [Test]
    public void Sliced_Max_TakesTheLargest()
    {
        using TemporaryFolder folder = new();
        string[] line = ["sliced", .. Files(folder), "--directions", CaseFiles.Write(folder, "directions", [0, 1, 1, 0], 2)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CliRun.Answer([.. line, "--max"]).GetProperty("distance").GetDouble(), Is.EqualTo(3).Within(Rounding));
            Assert.That(CliRun.Answer(line).GetProperty("distance").GetDouble(), Is.EqualTo(Math.Sqrt(4.5)).Within(Rounding));
        }
    }

    [Test]
    public void Sliced_Seed_DecidesTheDirections()
    {
        using TemporaryFolder folder = new();
        string[] line = ["sliced", .. Files(folder), "--projections", "5"];
        double first = Distance([.. line, "--seed", "1"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Distance([.. line, "--seed", "1"]), Is.EqualTo(first));
            Assert.That(Distance([.. line, "--seed", "2"]), Is.Not.EqualTo(first));
        }
    }

    [Test]
    public void Sliced_GradientAndPlot_AreWritten()
    {
        using TemporaryFolder folder = new();
        string gradient = folder.PathOf("gradient.npy"), plot = folder.PathOf("lines.svg");
        _ = CliRun.Answer(["sliced", .. Files(folder), "--directions", CaseFiles.Write(folder, "directions", [0, 1], 2), "--gradient", gradient, "--plot", plot]);
        using (Assert.EnterMultipleScope())
        {
            // Each point moves by 3 along the second axis, at a mass of one half: the slope is 2 (-3) / 2.
            Assert.That(NumericFile.Read(gradient).Values, Is.EqualTo([0, -3.0, 0, -3]).Within(Rounding));
            Assert.That(File.ReadAllText(plot), Does.StartWith("<").And.Contain("Distances along lines"));
        }
    }

    [Test]
    public void Sliced_BadInput_IsRefusedByName()
    {
        using TemporaryFolder folder = new();
        string[] files = Files(folder);
        string wide = CaseFiles.Write(folder, "wide", [1, 0, 0], 3), longer = CaseFiles.Write(folder, "longer", [1, 1], 2);
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["sliced", "--x", files[1]], "--y is missing");
            CliRun.AssertRefused(2, ["sliced", .. files, "--directions", wide], "wide", "3 coordinates");
            CliRun.AssertRefused(2, ["sliced", .. files, "--directions", longer], "longer", "row 0");
            CliRun.AssertRefused(2, ["sliced", .. files, "--directions", longer, "--projections", "3"], "--projections");
            CliRun.AssertRefused(2, ["sliced", "--x", files[1], "--y", wide], "wide", "3");
        }
    }

    private static double Distance(string[] line)
    {
        JsonElement answer = CliRun.Answer(line);
        return answer.GetProperty("distance").GetDouble();
    }

    private static string[] Files(TemporaryFolder folder) =>
        ["--x", CaseFiles.Write(folder, "x", [0, 0, 1, 0], 2), "--y", CaseFiles.Write(folder, "y", [0, 3, 1, 3], 2)];
}

using System.Globalization;
using System.Text.Json;
using OtEngine.Cli.Tests.Formats;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class BenchCommandTests
{
    [Test]
    public void Bench_StoppedByTimeout_ReportsTheRowsItHas()
    {
        using TemporaryFolder folder = new();
        CliRun run = Stopped(run => run.Json.GetProperty("rows").EnumerateArray().Any(HasTime), "--out", folder.PathOf("new/results.md"), "--json");
        JsonElement[] rows = [.. run.Json.GetProperty("rows").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1));
            Assert.That(run.Error, Is.Empty);
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
            Assert.That(run.Json.GetProperty("method").GetString(), Is.EqualTo("bench"));
            Assert.That(rows.Any(HasTime), "no row has a time");
            Assert.That(run.Json.GetProperty("value").GetDouble(), Is.EqualTo(rows.Length));
            foreach (JsonElement row in rows)
            {
                Assert.That(row.GetProperty("dtype").GetString(), Is.EqualTo("float32"));
                if (!HasTime(row))
                    continue;
                Assert.That(row.GetProperty("seconds").GetDouble(), Is.Positive);
                Assert.That(row.GetProperty("per_second").GetDouble(), Is.EqualTo(1 / row.GetProperty("seconds").GetDouble()).Within(1).Percent);
            }

            Assert.That(run.Json.GetProperty("limits").GetArrayLength(), Is.GreaterThan(4));
            Assert.That(File.ReadAllText(folder.PathOf("new/results.md")), Does.Contain("stopped before its end").And.Contain(rows[0].GetProperty("name").GetString()!));
        }
    }

    [Test]
    public void Bench_WithoutJson_PrintsBothTables()
    {
        CliRun run = Stopped(run => run.Out.Contains("float32", StringComparison.Ordinal));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Out, Does.Contain("limit of this core").And.Contain("exp2, float32").And.Contain("share"));
            Assert.That(run.Out.Split('\n').Max(line => line.Length), Is.LessThanOrEqualTo(80));
        }
    }

    [Test]
    public void Bench_Interrupted_ExitsWith130()
    {
        using CancellationTokenSource interrupt = new(TimeSpan.FromSeconds(1));
        CliRun run = CliRun.Of(interrupt.Token, "bench", "--suite", "full", "--json");
        Assert.That(run.Code, Is.EqualTo(130));
        Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
    }

    [Test]
    public void Bench_BadArguments_AreRefused()
    {
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["bench", "--suite", "slow"], "--suite is 'slow'", "quick or full");
            CliRun.AssertRefused(2, ["bench", "--out", "results.txt"], "results.txt", ".md");
            CliRun.AssertRefused(2, ["bench", "--threads", "2"], "--threads is 2", "one thread");
            CliRun.AssertRefused(2, ["bench", "--device", "cpu", "--scale", "2"], "--scale is given", "--device cuda");
            CliRun.AssertRefused(2, ["bench", "quick"], "unexpected argument 'quick'");
            CliRun.AssertRefused(3, ["bench", "--device", "cuda"], "cuda");
        }
    }

    // The suite takes a quarter of a minute where five seconds are time for a few rows; a machine too busy for that needs longer for both.
    private static CliRun Stopped(Predicate<CliRun> hasRows, params string[] more)
    {
        for (int seconds = 5; ; seconds *= 2)
        {
            CliRun run = CliRun.Of(["bench", "--suite", "quick", "--dtype", "float32", "--timeout", seconds.ToString(CultureInfo.InvariantCulture), .. more]);
            if (seconds == 40 || hasRows(run))
                return run;
        }
    }

    // Where other work disturbs so much that fewer sweeps take longer, a row has none.
    private static bool HasTime(JsonElement row) => row.GetProperty("seconds").ValueKind == JsonValueKind.Number;
}

using System.Text.Json;
using OtEngine.Cli.Tests.Formats;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class VerifyCommandTests
{
    [Test]
    public void Verify_OnTheCpu_PassesEveryVerbAndTimesIt()
    {
        JsonElement found = CliRun.Answer("verify", "--device", "cpu", "--size", "64", "--dtype", "float32");
        JsonElement[] rows = [.. found.GetProperty("rows").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.GetProperty("value").GetDouble(), Is.Zero);
            Assert.That(found.GetProperty("device").GetString(), Is.EqualTo("cpu"));
            Assert.That(rows.Select(row => row.GetProperty("verb").GetString()), Does.Contain("SinkhornSweep").And.Contain("PlanApply"));
            foreach (JsonElement row in rows)
            {
                Assert.That(row.GetProperty("verdict").GetString(), Is.EqualTo("pass"));
                Assert.That(row.GetProperty("error").GetDouble(), Is.LessThanOrEqualTo(row.GetProperty("allowed").GetDouble()));
                Assert.That(row.GetProperty("residual").GetDouble(), Is.LessThan(30));
            }
        }
    }

    [Test]
    public void Verify_Stopped_ReportsTheRowsItHas_AndNoVerdict()
    {
        using TemporaryFolder folder = new();
        string tables = folder.PathOf("new/tables.md");
        CliRun run = CliRun.Of("verify", "--device", "cpu", "--size", "0", "--timeout", "0.3", "--out", tables, "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1));
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
            Assert.That(run.Json.GetProperty("value").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(run.Json.GetProperty("rows").GetArrayLength(), Is.EqualTo(run.Json.GetProperty("rows_checked").GetInt32()));
            Assert.That(File.ReadAllText(tables), Does.Contain("stopped before its end"));
        }
    }

    // Rows are timed once the limits are measured, which takes some seconds; a busy machine needs longer for both.
    [Test]
    public void Verify_WhoseLastWordsAreSaidForIt_HasTheLimitsThatItsSharesAreOf()
    {
        for (int seconds = 2; ; seconds *= 2)
        {
            using StringWriter output = new(), error = new();
            using CancellationTokenSource interrupt = new();
            LastWords words = new();
            Terminal terminal = new(output, error, IsOutInteractive: false, IsErrorInteractive: false, interrupt.Token) { LastWords = words };
            Task<int> run = Task.Run(() => CommandLineRunner.Run(["verify", "--device", "cpu", "--size", "64", "--json"], terminal));
            run.Wait(TimeSpan.FromSeconds(seconds));
            words.SayPartial(TimeSpan.FromSeconds(30));
            interrupt.Cancel();
            Assert.That(run.GetAwaiter().GetResult(), Is.EqualTo(130), error.ToString());
            JsonElement found = JsonDocument.Parse(output.ToString()).RootElement;
            bool hasShares = found.GetProperty("rows").EnumerateArray().Any(row => row.GetProperty("share_of_limit").ValueKind == JsonValueKind.Number);
            if (!hasShares && seconds < 32)
                continue;
            Assert.That(hasShares);
            Assert.That(found.GetProperty("limits").GetArrayLength(), Is.GreaterThan(4));
            return;
        }
    }

    [Test]
    public void Verify_OnTheHostDevice_PassesEveryVerb()
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        JsonElement found = CliRun.Answer("verify", "--device", "cuda", "--size", "0");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.GetProperty("value").GetDouble(), Is.Zero);
            Assert.That(found.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
            Assert.That(found.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("dtype").GetString()).Distinct(StringComparer.Ordinal), Is.EqualTo(["float32", "float64"]));
        }
    }

    // compute-sanitizer is run over ot verify alone: what that does not launch, nothing checks on a GPU.
    [Test]
    public void Verify_OnTheHostDevice_LaunchesEveryEntryOfThePtx()
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        Dictionary<string, ulong> before = LaunchCounts.Of(DeviceChoice.DriverPath!);
        CliRun.Answer("verify", "--device", "cuda", "--size", "0");
        Dictionary<string, ulong> after = LaunchCounts.Of(DeviceChoice.DriverPath!);
        Assert.That(after, Is.Not.Empty);
        Assert.That(after.Where(entry => entry.Value == before[entry.Key]).Select(entry => entry.Key), Is.Empty, "add a check to VerbChecks.All");
    }
}

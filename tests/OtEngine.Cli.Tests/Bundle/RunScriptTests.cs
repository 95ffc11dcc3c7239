using System.Diagnostics;
using System.Text.Json;
using OtEngine.Cli.Tests.Formats;

namespace OtEngine.Cli.Tests.Bundle;

/// <summary>What tools/bundle/run.sh makes of tools that are there or not, fail, or do not end: programs of the same names stand in for them.</summary>
[TestFixture]
internal sealed class RunScriptTests
{
    private const string Ot = """
        out= inputs= before=
        for word; do
          case $before in --out) out=$word ;; --inputs) inputs=$word ;; esac
          before=$word
        done
        [ "$1" != "$OT_STUB_HANGS" ] || { trap '' TERM; while :; do sleep 1; done; }
        [ -z "$out" ] || printf '# Of %s\n\n| work | type | time | rate | GB/s | Gexp/s | share of the limit | samples |\n|---|---|---|---|---|---|---|---|\n| sweep, dense 8192 | float32 | 61 us | 1/s | 1 | 1 | 97 %% of reading | 3 |\n' "$1" >"$out"
        [ -z "$inputs" ] || echo inputs >"$inputs"
        echo "{\"of\":\"$1\"}"
        [ "$1" != "$OT_STUB_FAILS" ] || exit 1
        """;

    private const string Sanitizer = """
        "$5" verify --json
        [ "$2" != "$OT_STUB_FINDS" ] || { echo '========= ERROR SUMMARY: 3 errors'; exit 9; }
        echo '========= ERROR SUMMARY: 0 errors'
        """;

    private const string Python = """
        [ "$1" != -c ] || exit 0
        echo '{"torch": "1", "batch": {"problems": 2, "seconds": 0.05}, "sort": {"reason": "no memory"}}' >"$3"
        """;

    private static readonly string[] Tools = ["memcheck", "racecheck", "initcheck", "synccheck"];

    [Test]
    public void EveryTool_IsRun_AndEveryFileIsWritten()
    {
        using Run run = new(Sanitizer, Python);
        run.Start();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.Zero, run.Said);
            Assert.That(run.Steps.Select(step => step.Name), Is.EqualTo(["cold start", "ot verify", "ot bench", "torch", .. Tools.Select(tool => $"compute-sanitizer {tool}")]));
            Assert.That(run.Steps.Select(step => step.Verdict), Has.All.StartWith("ok"));
            Assert.That(run.Steps[^1].Verdict, Does.Contain("ERROR SUMMARY: 0 errors"));
            Assert.That(run.Json.GetProperty("verify").GetProperty("of").GetString(), Is.EqualTo("verify"));
            Assert.That(run.Json.GetProperty("bench").GetProperty("of").GetString(), Is.EqualTo("bench"));
            Assert.That(run.Json.GetProperty("torch").GetProperty("sort").GetProperty("reason").GetString(), Is.EqualTo("no memory"));
            Assert.That(run.Markdown, Does.Contain("| sweep, dense 8192 | 61 us | 97 % of reading | 80 % of the copy |").And.Contain("| 50 ms |").And.Contain("## Of verify"));
        }
    }

    [Test]
    public void ToolsThatAreNotThere_AreSaid_AndNoFailure()
    {
        using Run run = new(null, null);
        run.Start();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.Zero, run.Said);
            Assert.That(run.Steps.Where(step => step.Name is "torch" || step.Name.StartsWith("compute", StringComparison.Ordinal)).Select(step => step.Verdict), Has.All.StartsWith("skipped: ").And.Exactly(5).Items);
            Assert.That(run.Said, Does.Contain("there is no compute-sanitizer").And.Contain("no python3 with torch"));
            Assert.That(run.Json.GetProperty("torch").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }
    }

    [TestCase("verify", "ot verify")]
    [TestCase("bench", "ot bench")]
    [TestCase("solve", "cold start")]
    public void StepThatFails_LeavesTheOthersResults(string command, string step)
    {
        using Run run = new(Sanitizer, Python);
        run.Start(("OT_STUB_FAILS", command));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1), run.Said);
            Assert.That(run.Steps.Single(one => one.Name == step).Verdict, Does.StartWith("FAILED"));
            Assert.That(run.Steps.Where(one => one.Name != step && !one.Name.StartsWith("compute", StringComparison.Ordinal)).Select(one => one.Verdict), Has.All.StartWith("ok"));
            Assert.That(run.Json.GetProperty("status").GetInt32(), Is.EqualTo(1));
            Assert.That(run.Json.GetProperty("bench").GetProperty("of").GetString(), Is.EqualTo("bench"));
        }
    }

    [Test]
    public void SanitizerThatFindsSomething_IsAFailure_AndTheOthersStillRun()
    {
        using Run run = new(Sanitizer, Python);
        run.Start(("OT_STUB_FINDS", "racecheck"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1), run.Said);
            Assert.That(run.Steps.Single(step => step.Name == "compute-sanitizer racecheck").Verdict, Does.StartWith("FAILED with exit code 9").And.Contain("3 errors"));
            Assert.That(run.Steps.Count(step => step.Verdict.StartsWith("ok", StringComparison.Ordinal)), Is.EqualTo(7));
        }
    }

    [Test]
    public void StepThatDoesNotEnd_IsKilled_AndTheTimeForEverythingIsKept()
    {
        using Run run = new(Sanitizer, Python);
        Stopwatch taken = Stopwatch.StartNew();
        run.Start(("OT_STUB_HANGS", "bench"), ("OT_BUNDLE_SECONDS", "6"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(1), run.Said);
            Assert.That(taken.Elapsed, Is.LessThan(TimeSpan.FromSeconds(60)));
            Assert.That(run.Steps.Single(step => step.Name == "ot bench").Verdict, Does.StartWith("NOT FINISHED"));
            Assert.That(run.Steps[^1].Verdict, Does.StartWith("not begun"));
            Assert.That(run.Json.GetProperty("bench").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(run.Json.GetProperty("verify").GetProperty("of").GetString(), Is.EqualTo("verify"));
        }
    }

    [Test]
    public void MachineWithoutADevice_ExitsWithThree()
    {
        using Run run = new(Sanitizer, Python);
        run.Start(("OT_STUB_FAILS", "doctor"));
        Assert.That(run.Code, Is.EqualTo(3));
        Assert.That(run.Said, Does.Contain("OTENGINE_CUDA_DRIVER"));
    }

    [TestCase("--scale", "0")]
    [TestCase("--scale", "1025")]
    [TestCase("--scale", "-1")]
    [TestCase("--scale", "x; ls")]
    [TestCase("--scale")]
    [TestCase("--torch", "tpu")]
    [TestCase("--fast", "1")]
    public void WordsThatAreNone_AreRefused(params string[] words)
    {
        using Run run = new(null, null);
        run.Words = words;
        run.Start();
        Assert.That(run.Code, Is.EqualTo(2), run.Said);
    }

    /// <summary>The script in a folder of its own, with no other tools in the path than these and the system's.</summary>
    private sealed class Run : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Run(string? sanitizer, string? python)
        {
            if (OperatingSystem.IsWindows())
                Assert.Ignore("The bundle is for Linux.");
            Directory.CreateDirectory(_folder.PathOf("ot"));
            Directory.CreateDirectory(_folder.PathOf("path"));
            File.Copy(Path.Combine(Bundle, "run.sh"), _folder.PathOf("run.sh"));
            Write("ot/ot", Ot);
            if (sanitizer is not null)
                Write("path/compute-sanitizer", sanitizer);

            // One that knows no torch hides what the system may have.
            Write("path/python3", python ?? "exit 1");
        }

        public string[] Words { get; set; } = [];

        public int Code { get; private set; }

        public string Said { get; private set; } = "";

        public JsonElement Json => JsonDocument.Parse(File.ReadAllText(_folder.PathOf("results/results.json"))).RootElement;

        public string Markdown => File.ReadAllText(_folder.PathOf("results/results.md"));

        public (string Name, string Verdict)[] Steps => [.. Json.GetProperty("steps").EnumerateArray().Select(step => (step.GetProperty("name").GetString()!, step.GetProperty("verdict").GetString()!))];

        private static string Bundle
        {
            get
            {
                for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                {
                    if (File.Exists(Path.Combine(folder.FullName, "OtEngine.sln")))
                        return Path.Combine(folder.FullName, "tools", "bundle");
                }

                throw new DirectoryNotFoundException($"No repository above {AppContext.BaseDirectory}.");
            }
        }

        public void Start(params (string Name, string Value)[] variables)
        {
            ProcessStartInfo start = new("bash", [_folder.PathOf("run.sh"), "--out", _folder.PathOf("results"), .. Words])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            start.Environment["PATH"] = $"{_folder.PathOf("path")}:/usr/bin:/bin";
            foreach (string name in (string[])["OT_STUB_FAILS", "OT_STUB_FINDS", "OT_STUB_HANGS", "OT_BUNDLE_SECONDS"])
                start.Environment[name] = "";
            foreach ((string name, string value) in variables)
                start.Environment[name] = value;
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Said = process.StandardOutput.ReadToEnd();
            Said += errors.Result;
            process.WaitForExit();
            Code = process.ExitCode;
        }

        public void Dispose() => _folder.Dispose();

        private void Write(string name, string script)
        {
            string path = _folder.PathOf(name);
            File.WriteAllText(path, "#!/usr/bin/env bash\n" + script + "\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}

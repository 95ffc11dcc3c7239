using System.Diagnostics;
using System.Text.Json;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;
using OtEngine.TestSupport;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class InterruptionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The contract's second, and as much again for a busy machine to notice that the process has gone.
    private static readonly TimeSpan Allowed = TimeSpan.FromSeconds(2);

    [TestCase("INT")]
    [TestCase("TERM")]
    public void Signal_InTheMiddleOfAllPairs_EndsTheProcessAndKeepsWhatIsFinished(string signal)
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Windows has no kill command to send a signal with.");

        using TemporaryFolder folder = new();
        string output = folder.PathOf("d.npy");
        string digits = Path.Combine(TestContext.CurrentContext.TestDirectory, "samples", "data", "digits.csv");
        using Process process = Start("pairwise", "--histograms", digits, "--label-column", "last", "--grid", "8x8", "--out", output, "--json");
        Stopwatch waited = Stopwatch.StartNew();
        CaseFiles.WaitUntilWritten(output, () => process.WaitForExit(20) || waited.Elapsed > Patience);
        Assert.That(process.HasExited, Is.False, "the work takes most of a minute");

        (TimeSpan stopped, JsonElement report) = Stop(process, signal);
        NumericArray matrix = NumericFile.Read(output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(process.ExitCode, Is.EqualTo(130));
            Assert.That(stopped, Is.LessThan(Allowed));
            Assert.That(report.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
            Assert.That(matrix.Values.Count(value => value > 0), Is.GreaterThanOrEqualTo(report.GetProperty("problems_solved").GetInt64()));
            Assert.That(matrix.Values, Has.Some.NaN);
        }
    }

    // On the host device a row of full size takes minutes, and a kernel once begun is not stopped: the report comes all the same.
    [TestCase("verify", "INT", "--size", "0")]
    [TestCase("verify", "INT", "--size", "4096")]
    [TestCase("bench", "INT", "--suite", "full")]
    [TestCase("bench", "TERM", "--suite", "full")]
    public void Signal_WhileADeviceIsChecked_EndsTheProcessAndReportsWhatIsFinished(string command, string signal, params string[] words)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("What a process has loaded is read from /proc, which Linux has.");

        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        using TemporaryFolder folder = new();
        string tables = folder.PathOf("tables.md");
        using Process process = StartOnDevice([command, "--out", tables, .. words]);
        (TimeSpan stopped, JsonElement report) = Stop(process, signal);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(process.ExitCode, Is.EqualTo(130));
            Assert.That(stopped, Is.LessThan(Allowed));
            Assert.That(report.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
            Assert.That(report.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
            Assert.That(report.GetProperty("rows").GetArrayLength(), Is.EqualTo(report.GetProperty(command == "verify" ? "rows_checked" : "rows_timed").GetInt32()));
            Assert.That(command == "bench" || report.GetProperty("value").ValueKind == JsonValueKind.Null, "of some of the rows there is no verdict");
            Assert.That(File.ReadAllText(tables), Does.Contain("stopped before its end"));
        }
    }

    // The sweeps of such a problem are looked at every few milliseconds; the directions are one launch, which takes minutes on the host device.
    [TestCase("solve", "INT", 400, "--method", "sinkhorn", "--tolerance", "0", "--max-iterations", "100000000")]
    [TestCase("solve", "TERM", 400, "--method", "sinkhorn", "--tolerance", "0", "--max-iterations", "100000000")]
    [TestCase("sliced", "INT", 3000, "--projections", "200000")]
    public void Signal_WhileADeviceSolves_EndsTheProcessAndSaysThatItWasCancelled(string command, string signal, int atoms, params string[] words)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("What a process has loaded is read from /proc, which Linux has.");

        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        using TemporaryFolder folder = new();
        string x = CaseFiles.Write(folder, "x", Drawn.Cloud(1, atoms, 2), 2), y = CaseFiles.Write(folder, "y", Drawn.Cloud(2, atoms - 1, 2), 2);
        string a = CaseFiles.Write(folder, "a", Drawn.ExactWeights(3, atoms), 1), b = CaseFiles.Write(folder, "b", Drawn.ExactWeights(4, atoms - 1), 1);
        using Process process = StartOnDevice([command, "--x", x, "--y", y, "--a", a, "--b", b, .. words]);
        (TimeSpan stopped, JsonElement report) = Stop(process, signal);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(process.ExitCode, Is.EqualTo(130));
            Assert.That(stopped, Is.LessThan(Allowed));
            Assert.That(report.GetProperty("status").GetString(), Is.EqualTo("cancelled"));
            Assert.That(report.GetProperty("value").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(report.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
        }
    }

    /// <summary>A process that is at work on the host device.</summary>
    private static Process StartOnDevice(string[] words)
    {
        Process process = Start([.. words, "--device", "cuda", "--json"]);
        Stopwatch waited = Stopwatch.StartNew();
        while (!process.WaitForExit(20) && waited.Elapsed < Patience && !File.ReadAllText($"/proc/{process.Id}/maps").Contains("libothostcuda", StringComparison.Ordinal))
        {
        }

        Assert.That(process.WaitForExit(1500), Is.False, "the work takes longer");
        return process;
    }

    private static (TimeSpan Stopped, JsonElement Report) Stop(Process process, string signal)
    {
        Stopwatch stopping = Stopwatch.StartNew();
        using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            kill.WaitForExit();
        Assert.That(process.WaitForExit((int)Patience.TotalMilliseconds), Is.True);
        return (stopping.Elapsed, JsonDocument.Parse(process.StandardOutput.ReadToEnd()).RootElement);
    }

    private static Process Start(params string[] words) => Process.Start(
        new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", Path.Combine(TestContext.CurrentContext.TestDirectory, "ot.dll"), .. words])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
}

using System.Diagnostics;
using System.Text.Json;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Tests.Formats;

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
        using Process process = Start(output);
        Stopwatch waited = Stopwatch.StartNew();
        CaseFiles.WaitUntilWritten(output, () => process.WaitForExit(20) || waited.Elapsed > Patience);
        Assert.That(process.HasExited, Is.False, "the work takes most of a minute");

        Stopwatch stopping = Stopwatch.StartNew();
        using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            kill.WaitForExit();
        Assert.That(process.WaitForExit((int)Patience.TotalMilliseconds), Is.True);
        TimeSpan stopped = stopping.Elapsed;

        JsonElement report = JsonDocument.Parse(process.StandardOutput.ReadToEnd()).RootElement;
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

    private static Process Start(string output)
    {
        string folder = TestContext.CurrentContext.TestDirectory;
        string[] words =
        [
            "exec", Path.Combine(folder, "ot.dll"), "pairwise", "--histograms", Path.Combine(folder, "samples", "data", "digits.csv"),
            "--label-column", "last", "--grid", "8x8", "--out", output, "--json",
        ];
        return Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", words) { RedirectStandardOutput = true, UseShellExecute = false })!;
    }
}

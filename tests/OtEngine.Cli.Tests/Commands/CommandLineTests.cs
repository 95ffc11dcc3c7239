using System.Text.Json;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class CommandLineTests
{
    private const string NoDriver = "no-such-driver.so";

    // Whatever this machine has: the tests look for a library that nobody has.
    [OneTimeSetUp]
    public void LookForNoDriver() => Environment.SetEnvironmentVariable("OTENGINE_CUDA_DRIVER", NoDriver);

    [OneTimeTearDown]
    public void LookForAnyDriver() => Environment.SetEnvironmentVariable("OTENGINE_CUDA_DRIVER", null);

    private static readonly string[] Commands = ["solve", "line", "assign", "sliced", "pairwise", "transfer", "verify", "bench", "doctor"];

    [Test]
    public void Run_Mistypings_AreRefusedWithTheWordThatWasMeant()
    {
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, ["solv"], "'solv'", "'solve'");
            CliRun.AssertRefused(2, ["pairwsie"], "'pairwise'");
            CliRun.AssertRefused(2, ["solve", "--cots-matrix", "c.npy"], "'--cots-matrix'", "'--cost-matrix'");
            CliRun.AssertRefused(2, ["assign", "--maximise"], "'--maximize'");
            CliRun.AssertRefused(2, ["line", "--jsno"], "'--json'");
            CliRun.AssertRefused(2, ["solve", "--epsilno", "1"], "'--epsilno'", "'--epsilon'");
            CliRun.AssertRefused(2, ["solve", "--method", "sinkhron"], "--method is 'sinkhron'", "exact, sinkhorn");
            CliRun.AssertRefused(2, ["solve", "--frobnicate"], "unknown option '--frobnicate' (");
        }
    }

    [Test]
    public void Run_BadArguments_AreRefusedWithWhatIsAllowed()
    {
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(2, [], "a command is missing", "solve");
            CliRun.AssertRefused(2, ["--json"], "a command is missing");
            CliRun.AssertRefused(2, ["solve", "x.npy"], "unexpected argument 'x.npy'");
            CliRun.AssertRefused(2, ["solve", "--x"], "--x has no value");
            CliRun.AssertRefused(2, ["solve", "--x", "a", "--x", "b"], "'--x'");
            CliRun.AssertRefused(2, ["solve", "--threads", "0"], "--threads is '0'", "1 to 1024");
            CliRun.AssertRefused(2, ["solve", "--threads", "two"], "'two'");
            CliRun.AssertRefused(2, ["solve", "--seed", "-1"], "--seed");
            CliRun.AssertRefused(2, ["solve", "--timeout", "0"], "--timeout is '0'", "above 0");
            CliRun.AssertRefused(2, ["solve", "--timeout", "nan"], "--timeout");
            CliRun.AssertRefused(2, ["solve", "--repeat", "1.5"], "--repeat is '1.5'");
            CliRun.AssertRefused(2, ["solve", "--dtype", "float16"], "float16", "float32 or float64");
            CliRun.AssertRefused(2, ["solve", "--device", "gpu"], "--device is 'gpu'", "cuda:1");
            CliRun.AssertRefused(2, ["solve", "--cost", "l2"], "--cost is 'l2'", "sqeuclidean");
            CliRun.AssertRefused(2, ["solve", "--cost", "pnorm:0.5"], "pnorm", "at least 1");
            CliRun.AssertRefused(2, ["solve", "--epsilon", "0"], "--epsilon is '0'", "above 0");
            CliRun.AssertRefused(2, ["solve", "--epsilon", "1e-320"], "--epsilon is '1e-320'", "above 0");
            CliRun.AssertRefused(2, ["pairwise", "--epsilon-relative", "inf"], "--epsilon-relative is 'inf'", "above 0");
            CliRun.AssertRefused(2, ["transfer", "--tolerance", "1"], "--tolerance is '1'", "below 1");
            CliRun.AssertRefused(2, ["solve", "--tolerance", "-1e-9"], "--tolerance is '-1e-9'", "at least 0");
            CliRun.AssertRefused(2, ["solve", "--max-iterations", "0"], "--max-iterations is '0'", "at least 1");
            CliRun.AssertRefused(2, ["line", "--p", "0.5"], "--p is '0.5'", "at least 1");
        }
    }

    [Test]
    public void Run_StreamsThatAreClosed_EndInAnExitCode()
    {
        using ClosedWriter closed = new();
        using StringWriter error = new();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CommandLineRunner.Run(["doctor", "--json"], new Terminal(closed, error, false, false, CancellationToken.None)), Is.EqualTo(2));
            Assert.That(error.ToString(), Does.StartWith("ot doctor: standard output cannot be written to"));
            Assert.That(CommandLineRunner.Run(["frobnicate"], new Terminal(closed, closed, false, false, CancellationToken.None)), Is.EqualTo(2));
        }
    }

    [TestCase("unbalanced")]
    [TestCase("partial")]
    [TestCase("divergence")]
    [TestCase("lowrank")]
    [TestCase("l2")]
    public void Run_MethodThatThisBuildLacks_IsRefusedWithThoseItHas(string method) =>
        CliRun.AssertRefused(2, ["solve", "--x", "x.npy", "--y", "y.npy", "--method", method], method, "this build has", "exact", "sinkhorn");

    [TestCase("cuda")]
    [TestCase("cuda:1")]
    public void Run_DeviceThatIsNotThere_ExitsWithThree(string device)
    {
        using (Assert.EnterMultipleScope())
        {
            CliRun.AssertRefused(3, ["solve", "--x", "x.npy", "--y", "y.npy", "--method", "sinkhorn", "--device", device], device, NoDriver);
            CliRun.AssertRefused(3, ["solve", "--x", "x.npy", "--y", "y.npy", "--device", device], device, NoDriver);
            CliRun.AssertRefused(3, ["line", "--x", "x.npy", "--y", "y.npy", "--device", device], device, "line runs on the CPU alone");
            CliRun.AssertRefused(3, ["assign", "--cost-matrix", "c.npy", "--device", device], device);
            CliRun.AssertRefused(3, ["transfer", "a.png", "b.png", "--out", "o.png", "--device", device], device);
        }
    }

    [Test]
    public void Help_OfEveryCommand_ShowsItsOptionsAndAnExample()
    {
        CliRun whole = CliRun.Of("--help");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(whole.Code, Is.Zero);
            Assert.That(whole.Out, Does.Contain("Exit codes").And.Contain("--timeout"));
            foreach (string command in Commands)
            {
                Assert.That(whole.Out, Does.Contain($"  {command}"));
                CliRun help = CliRun.Of(command, "--help");
                Assert.That(help.Code, Is.Zero, command);
                Assert.That(help.Out, Does.Contain("Example:").And.Contain($"  ot {command} ").And.Contain("--json"), command);
                Assert.That(help.Out.Contains("--epsilon-relative", StringComparison.Ordinal), Is.EqualTo(command is "solve" or "pairwise" or "transfer"), command);
            }
        }
    }

    [Test]
    public void Version_IsPrinted() => Assert.That(CliRun.Of("--version").Out, Does.Match(@"^\d+\.\d+\.\d+"));

    [Test]
    public void Doctor_SaysWhatIsThereAndWhy()
    {
        JsonElement found = CliRun.Answer("doctor", "--threads", "3");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.GetProperty("device").GetString(), Is.EqualTo("cpu"));
            Assert.That(found.GetProperty("device_reason").GetString(), Does.Contain(NoDriver));
            Assert.That(found.GetProperty("backends").EnumerateArray().Select(b => b.GetString()), Is.EqualTo(new[] { "cpu", "cuda" }));
            Assert.That(found.GetProperty("cuda_libraries").EnumerateArray().Single().GetString(), Does.Contain(NoDriver));
            Assert.That(found.GetProperty("ptx").GetString(), Does.Match(@"^\d+\.\d+$"));
            Assert.That(found.GetProperty("simd_bits").GetInt64(), Is.AnyOf(0, 128, 256, 512));
            Assert.That(found.GetProperty("threads").GetInt64(), Is.EqualTo(3));
            Assert.That(found.GetProperty("memory_bytes").GetInt64(), Is.Positive);
            Assert.That(found.GetProperty("runtime").GetString(), Does.StartWith(".NET"));
        }
    }

    [Test]
    public void Doctor_AskedForCuda_ExitsWithThreeAndStillReports()
    {
        CliRun run = CliRun.Of("doctor", "--device", "cuda", "--json");
        Assert.That(run.Code, Is.EqualTo(3));
        Assert.That(run.Json.GetProperty("device").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    /// <summary>What .NET makes of a closed file descriptor.</summary>
    private sealed class ClosedWriter : StringWriter
    {
        public override void Write(char value) => throw new UnauthorizedAccessException("Access to the path is denied.");

        public override void Write(string? value) => Write('\0');

        public override void WriteLine(string? value) => Write('\0');
    }
}

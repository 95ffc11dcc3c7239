using System.Runtime.InteropServices;
using System.Text.Json;
using OtEngine.Cli.Tests.Formats;

namespace OtEngine.Cli.Tests.Commands;

/// <summary>--device and ot doctor with the host CUDA device in place of a GPU.</summary>
[TestFixture]
internal sealed class DeviceTests
{
    /// <summary><c>ot_host_limit</c> of native/include/ot_host_device.h.</summary>
    private delegate int Limit(byte[] name, long value);

    [TestCase("sinkhorn")]
    [TestCase("exact")]
    public void Device_BeyondTheLast_ExitsWithThree(string method)
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        CliRun.AssertRefused(3, ["solve", "--x", "x.npy", "--y", "y.npy", "--method", method, "--device", "cuda:17"], "no CUDA device 17", "ot doctor");
    }

    [Test]
    public void Device_WithoutMemory_ExitsWithThreeAndSaysWhatToDo()
    {
        const long Modelled = 4L << 30;
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        using TemporaryFolder folder = new();
        string points = folder.PathOf("x.csv");
        File.WriteAllLines(points, Enumerable.Range(1, 400).Select(k => FormattableString.Invariant($"{Math.Sin(k)},{Math.Cos(k * k)}")));
        Limit limit = Marshal.GetDelegateForFunctionPointer<Limit>(NativeLibrary.GetExport(NativeLibrary.Load(DeviceChoice.DriverPath!), "ot_host_limit"));
        Assert.That(limit("memory\0"u8.ToArray(), 1 << 16), Is.Not.Zero);
        try
        {
            CliRun.AssertRefused(3, ["solve", "--x", points, "--y", points, "--method", "sinkhorn", "--device", "cuda"], "cuMemAlloc_v2", "--dtype float32", "--device cpu");
        }
        finally
        {
            limit("memory\0"u8.ToArray(), Modelled);
        }
    }

    [Test]
    public void Solve_OnTheHostDevice_SaysSoAndAnswersAsTheCpu()
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.PathOf("x.csv"), "0,0\n1,0\n0,2\n3,1\n");
        File.WriteAllText(folder.PathOf("y.csv"), "1,1\n2,0\n0,1\n");
        string[] line = ["solve", "--x", folder.PathOf("x.csv"), "--y", folder.PathOf("y.csv"), "--method", "sinkhorn"];
        JsonElement onDevice = CliRun.Answer([.. line, "--device", "cuda:0"]), onAuto = CliRun.Answer(line), onCpu = CliRun.Answer([.. line, "--device", "cpu"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(onDevice.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
            Assert.That(onAuto.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
            Assert.That(onCpu.GetProperty("device").GetString(), Is.EqualTo("cpu"));
            Assert.That(onDevice.GetProperty("value").GetDouble(), Is.EqualTo(onCpu.GetProperty("value").GetDouble()).Within(1e-6));
        }
    }

    [Test]
    public void Solve_ExactTransportOfManyPointsOnTheHostDevice_AnswersAsTheCpu()
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        using TemporaryFolder folder = new();
        const int Count = 560;
        string[] line = ["solve"];
        foreach ((string option, double turn) in ((string, double)[])[("x", 0.7), ("y", 1.9)])
        {
            string path = folder.PathOf(option + ".csv");
            File.WriteAllLines(path, Enumerable.Range(1, Count).Select(k => FormattableString.Invariant($"{Math.Sin(turn * k * k)},{Math.Cos(k * turn)}")));
            line = [.. line, "--" + option, path];
        }

        JsonElement onDevice = CliRun.Answer(line), onCpu = CliRun.Answer([.. line, "--device", "cpu"]);
        double expected = onCpu.GetProperty("value").GetDouble();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(onDevice.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
            Assert.That(onDevice.GetProperty("value").GetDouble(), Is.EqualTo(expected).Within(1e-12 * expected));
            Assert.That(onDevice.GetProperty("largest_violation").GetDouble(), Is.LessThanOrEqualTo(1e-9));
        }
    }

    [TestCase("auto")]
    [TestCase("cuda")]
    public void Solve_ExactTransportOfFewPoints_SaysThatNoDeviceHadAPartInIt(string device)
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.PathOf("x.csv"), "0,0\n1,0\n0,2\n3,1\n");
        string[] points = ["--x", folder.PathOf("x.csv"), "--y", folder.PathOf("x.csv")];
        Assert.That(CliRun.Answer(["solve", .. points, "--device", device]).GetProperty("device").GetString(), Is.EqualTo("cpu"));

        // Many atoms, of which few have mass.
        const int Count = 600;
        File.WriteAllLines(folder.PathOf("many.csv"), Enumerable.Range(0, Count).Select(k => FormattableString.Invariant($"{k},{k % 7}")));
        File.WriteAllLines(folder.PathOf("a.csv"), Enumerable.Range(0, Count).Select(k => k % 100 == 3 ? "1" : "0"));
        string[] many = ["--x", folder.PathOf("many.csv"), "--y", folder.PathOf("many.csv"), "--a", folder.PathOf("a.csv"), "--b", folder.PathOf("a.csv")];
        Assert.That(CliRun.Answer(["solve", .. many, "--device", device]).GetProperty("device").GetString(), Is.EqualTo("cpu"));
    }

    [Test]
    public void Doctor_WithTheHostDevice_ShowsItsDriverAndDevices()
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        JsonElement found = CliRun.Answer("doctor");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
            Assert.That(found.GetProperty("cuda_library").GetString(), Is.EqualTo(DeviceChoice.DriverPath));
            Assert.That(found.GetProperty("cuda_driver").GetString(), Does.StartWith("12."));
            Assert.That(found.GetProperty("cuda_devices")[0].GetProperty("name").GetString(), Does.Contain("host device"));
        }
    }

    [Test]
    public void Device_WhoseDriverIsMissing_SaysWhichVariableNamesOneAndWhatToDo()
    {
        using CudaDriverVariable driver = new("/no/such/libcuda.so.1");
        foreach (string command in (string[])["verify", "bench"])
            CliRun.AssertRefused(3, [command, "--device", "cuda"], "/no/such/libcuda.so.1: cannot open", DeviceChoice.DriverVariable, "--device cpu");
    }

    [Test]
    public void Device_WhoseDriverHasALineBreakInItsName_IsRefusedInOneLine()
    {
        using CudaDriverVariable driver = new("/no/such\nfolder/libcuda.so.1");
        CliRun.AssertRefused(3, ["verify", "--device", "cuda"], "/no/such folder/libcuda.so.1", DeviceChoice.DriverVariable);
    }

    [Test]
    public void Device_WithoutAnyDriver_SaysTheReasonOnceAndWhatToDo()
    {
        using CudaDriverVariable driver = new("");
        CliRun run = CliRun.Of("verify", "--device", "cuda", "--size", "0", "--timeout", "0.001");
        if (OperatingSystem.IsWindows() || run.Code != 3)
            Assert.Ignore("This machine has a CUDA driver, or is one where libraries have other names.");
        Assert.That(run.Error, Does.Contain("libcuda.so.1").And.Contain($"set {DeviceChoice.DriverVariable}").And.Contain("--device cpu").And.Not.Contain(".so.1.so"));
        Assert.That(run.Error.Length, Is.LessThan(400));
    }

    [Test]
    public void Doctor_WithWhatStandsInForCublas_ShowsItsVersionAndFile()
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        string library = Path.Combine(Path.GetDirectoryName(DeviceChoice.DriverPath)!, "libothostcublas.so");
        if (!File.Exists(library))
            Assert.Ignore($"{library} is not built.");
        using EnvironmentVariable cublas = new(DeviceChoice.CublasVariable, library);
        JsonElement found = CliRun.Answer("doctor");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.GetProperty("cublas").GetString(), Is.EqualTo("12.4.5"));
            Assert.That(found.GetProperty("cublas_library").GetString(), Is.EqualTo(library));
            Assert.That(found.GetProperty("cublas_libraries")[0].GetString(), Is.EqualTo($"{library}: loaded"));
        }
    }

    [Test]
    public void Doctor_WithACublasThatIsMissing_SaysSo_AndAnswersAllTheSame()
    {
        using CudaDriverVariable driver = CudaDriverVariable.HostDevice();
        string library = Path.Combine(Path.GetTempPath(), "no-such-folder", "libcublas.so.12");
        using EnvironmentVariable cublas = new(DeviceChoice.CublasVariable, library);
        JsonElement found = CliRun.Answer("doctor");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.GetProperty("device").GetString(), Is.EqualTo("cuda:0"));
            Assert.That(found.GetProperty("cublas").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(found.GetProperty("cublas_libraries")[0].GetString(), Does.StartWith(library).And.Not.EndWith("loaded"));
        }
    }
}

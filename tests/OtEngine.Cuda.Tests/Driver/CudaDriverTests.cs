using NUnit.Framework;
using OtEngine.Cuda.Driver;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Driver;

/// <summary>The states in which a driver can be found, and that no other library than the configured one is loaded.</summary>
internal sealed class CudaDriverTests : HostTests
{
    [Test]
    public void NoLibrary_IsSaid_WithEveryPathTried()
    {
        List<DriverSearch> searched = [];
        string path = Path.Combine(Path.GetTempPath(), "no-such-folder", "libcuda.so.1");
        CudaLibraryNotFoundException exception = Assert.Throws<CudaLibraryNotFoundException>(() => CudaDriver.Load(path, searched))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception.Message, Does.Contain(path).And.Contain("DriverPath"));
            Assert.That(searched, Has.Count.EqualTo(1));
            Assert.That(searched[0].Path, Is.EqualTo(path));
            Assert.That(searched[0].Found, Is.False);
            Assert.That(searched[0].Reason, Is.Not.Empty);
        }
    }

    [Test]
    public void ConfiguredPathThatDoesNotExist_LoadsNoOtherLibraryOfThatName()
    {
        // A library of that very name stands in the working folder, and one is loaded under it already.
        string name = Path.GetFileName(Host.DriverPath);
        string folder = Path.Combine(Path.GetTempPath(), $"empty-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        string before = Environment.CurrentDirectory;
        long calls = Host.Calls;
        try
        {
            Environment.CurrentDirectory = Path.GetDirectoryName(Host.DriverPath)!;
            Assert.Throws<CudaLibraryNotFoundException>(() => CudaDriver.Load(Path.Combine(folder, name), []));
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder);
        }

        Assert.That(Host.Calls, Is.EqualTo(calls));
    }

    [Test]
    public void FileThatIsNoLibrary_IsNotFound_WithTheLoadersReason()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "no library");
        try
        {
            CudaLibraryNotFoundException exception = Assert.Throws<CudaLibraryNotFoundException>(() => CudaDriver.Load(path, []))!;
            Assert.That(exception.Message, Does.Contain(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void LibraryThatIsNoDriver_IsSaidToBeNone_AndNotTooOld()
    {
        // The C library is one that is there on any Linux.
        string path = Libc();
        CudaLibraryNotFoundException exception = Assert.Throws<CudaLibraryNotFoundException>(() => CudaDriver.Load(path, []))!;
        Assert.That(exception.Message, Does.Contain($"{path} is no CUDA driver").And.Contain("cuInit").And.Contain("DriverPath"));
    }

    [Test]
    public void LibraryWithoutDevice_IsSaid()
    {
        Host.Limit("devices", 0);
        CudaNoDeviceException exception = Assert.Throws<CudaNoDeviceException>(() => CudaDriver.Load(Host.DriverPath, []))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception.Code, Is.EqualTo((int)CudaResult.NoDevice));
            Assert.That(exception.Call, Is.EqualTo("cuInit"));
        }
    }

    [Test]
    public void DriverOfAnOlderVersion_IsSaid_WithBothVersions()
    {
        Host.Limit("driver_version", 11080);
        CudaDriverTooOldException exception = Assert.Throws<CudaDriverTooOldException>(() => CudaDriver.Load(Host.DriverPath, []))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception.FoundVersion, Is.EqualTo(11080));
            Assert.That(exception.NeededVersion, Is.GreaterThanOrEqualTo(12000));
            Assert.That(exception.Message, Does.Contain("11.8"));
        }
    }

    [Test]
    public void OrdinalBeyondTheDevices_IsSaid()
    {
        CudaNoDeviceException exception = Assert.Throws<CudaNoDeviceException>(() => Host.Open(o => o.DeviceOrdinal = 3))!;
        Assert.That(exception.Message, Does.Contain("device 3").And.Contain("1"));
    }

    [TestCase("cuInit")]
    [TestCase("cuDriverGetVersion")]
    [TestCase("cuDeviceGetCount")]
    [TestCase("cuDeviceGet")]
    [TestCase("cuDevicePrimaryCtxRetain")]
    [TestCase("cuDeviceGetName")]
    [TestCase("cuDeviceTotalMem_v2")]
    [TestCase("cuDeviceGetAttribute")]
    public void CallThatFailsAtTheStart_IsNamed_WithItsCode(string call)
    {
        Host.FailCall(call, 1, 999);
        CudaException exception = Assert.Throws<CudaException>(() => Host.Open())!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception.Call, Is.EqualTo(call));
            Assert.That(exception.Code, Is.EqualTo(999));
            Assert.That(exception.Message, Does.Contain("CUDA_ERROR_UNKNOWN").And.Contain(call));
        }
    }

    private static string Libc()
    {
        string? mapped = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..]).FirstOrDefault(IsLibc) : null;
        if (mapped is null)
            Assert.Ignore("Only on Linux is it known where a library without the driver's functions lies.");
        return mapped!;
    }

    private static bool IsLibc(string path) => Path.GetFileName(path).StartsWith("libc.so", StringComparison.Ordinal) || Path.GetFileName(path).StartsWith("libc-", StringComparison.Ordinal);
}

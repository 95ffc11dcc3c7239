using NUnit.Framework;
using OtEngine.Cuda.Cublas;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Cublas;

/// <summary>The states in which cuBLAS can be found, and that no other library than the configured one is loaded.</summary>
internal sealed class CublasLibraryTests : CublasHostTests
{
    private const int DriverVersion = 12040;

    [Test]
    public void ConfiguredLibrary_IsLoaded_WithItsVersion()
    {
        List<DriverSearch> searched = [];
        CublasLibrary library = CublasLibrary.Load(Host.CublasPath, DriverVersion, searched)!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(library.Path, Is.EqualTo(Host.CublasPath));
            Assert.That(library.Version, Is.EqualTo(new Version(12, 4, 5)));
            Assert.That(searched, Is.EqualTo([new DriverSearch(Host.CublasPath, true, null)]));
        }
    }

    [Test]
    public void SystemsLibraries_AreTriedFromTheNewest_AndEachSaysWhyItDoesNotServe()
    {
        List<DriverSearch> searched = [];
        CublasLibrary? library = CublasLibrary.Load(null, DriverVersion, searched);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(searched.Select(search => search.Path), Is.EqualTo(CublasLibrary.SystemNames[..searched.Count]));
            Assert.That(searched.Where(search => search.Reason is null).Select(search => search.Path), Is.EqualTo(library is null ? [] : new[] { library.Path }));
            Assert.That(library is not null || searched.Count == 3);
        }
    }

    [Test]
    public void ConfiguredPathThatDoesNotExist_LoadsNoOtherLibraryOfThatName()
    {
        // A library of that very name stands in the working folder, and one is loaded under it already.
        Assert.That(CublasLibrary.Load(Host.CublasPath, DriverVersion, []), Is.Not.Null);
        string path = Path.Combine(Path.GetTempPath(), "no-such-folder", Path.GetFileName(Host.CublasPath));
        string before = Environment.CurrentDirectory;
        long calls = Host.Calls;
        List<DriverSearch> searched = [];
        CublasException exception;
        try
        {
            Environment.CurrentDirectory = Path.GetDirectoryName(Host.CublasPath)!;
            exception = Assert.Throws<CublasException>(() => CublasLibrary.Load(path, DriverVersion, searched))!;
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception.Message, Does.Contain(path).And.Contain("CublasPath"));
            Assert.That(exception.Code, Is.Zero);
            Assert.That(exception.Call, Is.Empty);
            Assert.That(searched, Has.Count.EqualTo(1));
            Assert.That(Host.Calls, Is.EqualTo(calls));
        }
    }

    [Test]
    public void LibraryWithoutTheFunctions_DoesNotServe_AndSaysWhichItLacks()
    {
        List<DriverSearch> searched = [];
        CublasException exception = Assert.Throws<CublasException>(() => CublasLibrary.Load(Host.DriverPath, DriverVersion, searched))!;
        Assert.That(exception.Message, Does.Contain(Host.DriverPath).And.Contain("cublasGetProperty"));
        Assert.That(searched.Single().Reason, Does.Contain("cublasGetProperty"));
    }

    [Test]
    public void LibraryNewerThanTheDriver_DoesNotServe_AndSaysBothVersions()
    {
        Host.Limit("cublas_version", 130002);
        CublasException exception = Assert.Throws<CublasException>(() => CublasLibrary.Load(Host.CublasPath, DriverVersion, []))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception.Message, Does.Contain("13.0.2").And.Contain("12.4"));
            Assert.That(CublasLibrary.Load(Host.CublasPath, 13000, [])!.Version.Major, Is.EqualTo(13));
            Assert.That(CublasLibrary.Load(Host.CublasPath, 0, [])!.Version.Major, Is.EqualTo(13));
        }
    }

    [Test]
    public void LibraryThatDoesNotSayItsVersion_DoesNotServe()
    {
        Host.FailCall("cublasGetProperty", 2, 14);
        Assert.That(
            Assert.Throws<CublasException>(() => CublasLibrary.Load(Host.CublasPath, DriverVersion, []))!.Message,
            Does.Contain("cublasGetProperty").And.Contain("CUBLAS_STATUS_INTERNAL_ERROR"));
    }

    [Test]
    public void EngineWhoseCublasDoesNotServe_FallsBack_OrThrowsWhereCudaIsRequired()
    {
        string path = Path.Combine(Path.GetTempPath(), "no-such-folder", "libcublas.so.12");
        Assert.Throws<CublasException>(() => Host.CreateEngine(o => (o.BatchInvariant, o.CublasPath) = (false, path)));
        using Engine engine = Host.CreateEngine(o => (o.Requirement, o.BatchInvariant, o.CublasPath) = (CudaRequirement.Auto, false, path));
        Assert.That(engine.FallbackReason, Does.Contain(path));
    }

    [Test]
    public void EngineWithBatchInvariantBits_LoadsNoCublas()
    {
        long calls = 0;
        using CudaRuntime runtime = Host.Open(o =>
        {
            o.CublasPath = Host.CublasPath;
            calls = Host.Calls;
            Host.FailCall("cublasGetProperty", 1, 14);
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new CudaOptions().BatchInvariant);
            Assert.That(Host.Calls, Is.GreaterThan(calls));
            Assert.That(runtime.Cublas, Is.Null);
        }
    }

    [TestCase(1, "CUBLAS_STATUS_NOT_INITIALIZED", "CublasPath")]
    [TestCase(3, "CUBLAS_STATUS_ALLOC_FAILED", "TrimPool")]
    [TestCase(7, "CUBLAS_STATUS_INVALID_VALUE", "Report")]
    [TestCase(8, "CUBLAS_STATUS_ARCH_MISMATCH", "CublasPath")]
    [TestCase(11, "CUBLAS_STATUS_MAPPING_ERROR", "new engine")]
    [TestCase(13, "CUBLAS_STATUS_EXECUTION_FAILED", "new engine")]
    [TestCase(14, "CUBLAS_STATUS_INTERNAL_ERROR", "Report")]
    [TestCase(15, "CUBLAS_STATUS_NOT_SUPPORTED", "CublasPath")]
    [TestCase(16, "CUBLAS_STATUS_LICENSE_ERROR", "Report")]
    [TestCase(99, "unknown", "Report")]
    public void Status_BecomesAnException_WithItsNameAndWhatToDo(int status, string name, string remedy)
    {
        using CudaRuntime runtime = OpenWithCublas();
        Host.FailCall("cublasCreate_v2", 1, status);
        CublasException exception = Assert.Throws<CublasException>(runtime.Cublas!.Prepare)!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception.Code, Is.EqualTo(status));
            Assert.That(exception.Call, Is.EqualTo("cublasCreate_v2"));
            Assert.That(exception.IsLost, Is.False);
            Assert.That(exception.Message, Does.Contain(name).And.Contain(remedy).And.Contain($"({status})").And.Contain(Host.CublasPath));
        }
    }
}

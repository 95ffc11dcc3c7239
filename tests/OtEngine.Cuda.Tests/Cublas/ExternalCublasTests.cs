using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.Cuda.Cublas;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;
using OtEngine.TestSupport;

namespace OtEngine.Cuda.Tests.Cublas;

/// <summary>A handle of cuBLAS that an application owns, in a context of its own, lent to an engine.</summary>
internal sealed unsafe class ExternalCublasTests : CublasHostTests
{
    private const int Rows = 3;
    private const int Columns = 4;
    private const int Inner = 5;
    private const int DevicePointers = 1;
    private const int Tf32 = 3;

    /// <summary>Each is a call of its own.</summary>
    private static readonly MatrixProduct[] Products =
    [
        new() { Rows = Rows, Columns = Columns, Inner = Inner, A = 0, B = 0, C = 0, Alpha = 1 },
        new() { Rows = Rows, Columns = Columns, Inner = Inner, A = 0, B = 0, C = 12, Alpha = 2 },
    ];

    [Test]
    public void Handle_OfTheCaller_GivesTheBitsOfTheEnginesOwn_AndIsLeftAsItWas()
    {
        float[] expected;
        using (CudaRuntime own = OpenWithCublas())
            expected = Multiplied(own);
        using Application application = new();
        using (CudaRuntime runtime = application.Lend())
        {
            Assert.That(Multiplied(runtime), Is.EqualTo(expected));
            Assert.That(Multiplied(runtime), Is.EqualTo(expected));
            Assert.That(Host.Live(HostObject.BlasHandles), Is.EqualTo(1), "no handle of the engine's");
        }

        Assert.That(application.Settings, Is.EqualTo((application.Stream, Tf32, DevicePointers)));
    }

    [TestCase("cublasSetMathMode")]
    [TestCase("cublasSetPointerMode_v2")]
    [TestCase("cublasSetStream_v2")]
    [TestCase("cublasSetWorkspace_v2")]
    [TestCase("cublasSgemmStridedBatched")]
    [TestCase("cublasGetStream_v2")]
    [TestCase("cublasGetMathMode")]
    [TestCase("cublasGetPointerMode_v2")]
    public void CallThatFails_IsThrown_AndTheHandleIsLeftAsItWas(string call)
    {
        using Application application = new();
        using CudaRuntime runtime = application.Lend();
        float[] expected = Multiplied(runtime);
        Host.FailCall(call, 1, 13);
        CublasException exception = Assert.Throws<CublasException>(() => Multiplied(runtime))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((exception.Code, exception.Call), Is.EqualTo((13, call)));
            Assert.That(application.Settings, Is.EqualTo((application.Stream, Tf32, DevicePointers)));
            Assert.That(Multiplied(runtime), Is.EqualTo(expected));
        }
    }

    [TestCase("cublasSetStream_v2")]
    [TestCase("cublasSetMathMode")]
    [TestCase("cublasSetPointerMode_v2")]
    public void SettingThatCannotBeRestored_IsSaid_AndTheOthersAreRestored(string call)
    {
        using Application application = new();
        using CudaRuntime runtime = application.Lend();
        Host.FailCall(call, 2, 13);
        CublasException exception = Assert.Throws<CublasException>(() => Multiplied(runtime))!;
        (nint stream, int math, int pointers) = application.Settings;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((exception.Code, exception.Call), Is.EqualTo((13, call)));
            Assert.That(stream == application.Stream, Is.EqualTo(call != "cublasSetStream_v2"));
            Assert.That(math == Tf32, Is.EqualTo(call != "cublasSetMathMode"));
            Assert.That(pointers == DevicePointers, Is.EqualTo(call != "cublasSetPointerMode_v2"));
        }
    }

    [Test]
    public void WhatIsNoHandle_IsRefused()
    {
        CublasException refusal = Assert.Throws<CublasException>(() => OpenWithCublas(o => o.ExternalCublas = 0x1000))!;
        Assert.That(refusal.Message, Does.Contain("CudaOptions.ExternalCublas"));
    }

    [Test]
    public void HandleOfAnotherContext_IsRefused()
    {
        using Application application = new();
        Assert.Throws<CublasException>(() => OpenWithCublas(o => o.ExternalCublas = application.Handle));
    }

    [Test]
    public void HandleThatCouldNotBeUsed_IsRefused_EvenWhereTheCpuWouldDo()
    {
        void Refuses(string word, Action<CudaOptions> configure) => Assert.That(
            Assert.Throws<ProblemException>(() => Host.CreateEngine(o =>
            {
                (o.BatchInvariant, o.CublasPath, o.ExternalCublas, o.Requirement) = (false, Host.CublasPath, 0x1000, CudaRequirement.Auto);
                configure(o);
            }))!.Message,
            Does.Contain(word));
        using (Assert.EnterMultipleScope())
        {
            Refuses("CublasPath", o => o.CublasPath = null);
            Refuses("BatchInvariant", o => o.BatchInvariant = true);
        }
    }

    private static float[] Multiplied(CudaRuntime runtime)
    {
        using CudaBuffer<float> a = runtime.Allocate<float>(Rows * Inner), b = runtime.Allocate<float>(Inner * Columns), c = runtime.Allocate<float>(24);
        a.CopyFrom(Array.ConvertAll(Drawn.Uniform(1, Rows * Inner), value => (float)value), 0);
        b.CopyFrom(Array.ConvertAll(Drawn.Uniform(2, Inner * Columns), value => (float)value), 0);
        OtEngine.Cuda.Kernels.Multiply.Run(runtime, Products, a, b, c, TestExecution.On(new CudaBackend(runtime)));
        float[] result = new float[24];
        c.CopyTo(result, 0);
        return result;
    }

    /// <summary>A context, a stream and a handle, which rounds to TF32 and takes factors from device memory.</summary>
    private sealed class Application : IDisposable
    {
        private readonly CudaDriver _driver = CudaDriver.Load(Host.DriverPath, []);
        private readonly CublasFunctions _functions = CublasLibrary.Load(Host.CublasPath, 0, [])!.Functions;
        private readonly OwnContext _context;

        public Application()
        {
            nint stream = 0, handle = 0;
            _context = new OwnContext(_driver);
            Require(_driver.Stream.cuStreamCreate(&stream, 1));
            Require(_functions.cublasCreate_v2(&handle));
            Require(_functions.cublasSetStream_v2(handle, stream));
            Require(_functions.cublasSetMathMode(handle, Tf32));
            Require(_functions.cublasSetPointerMode_v2(handle, DevicePointers));
            (Stream, Handle) = (stream, handle);
        }

        public nint Stream { get; }

        public nint Handle { get; }

        public (nint Stream, int MathMode, int PointerMode) Settings
        {
            get
            {
                (nint stream, int math, int pointers) = (0, 0, 0);
                Require(_functions.cublasGetStream_v2(Handle, &stream));
                Require(_functions.cublasGetMathMode(Handle, &math));
                Require(_functions.cublasGetPointerMode_v2(Handle, &pointers));
                return (stream, math, pointers);
            }
        }

        public CudaRuntime Lend() => OpenWithCublas(o => (o.ExternalContext, o.ExternalCublas) = (_context.Current, Handle));

        public void Dispose()
        {
            Require(_functions.cublasDestroy_v2(Handle));
            Require(_driver.Stream.cuStreamDestroy_v2(Stream));
            _context.Dispose();
        }

        private static void Require<TStatus>(TStatus status)
            where TStatus : struct, Enum => Assert.That(status, Is.EqualTo(default(TStatus)));
    }
}

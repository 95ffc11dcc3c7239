using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.Cuda.Cublas;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;
using OtEngine.TestSupport;

namespace OtEngine.Cuda.Tests.Cublas;

/// <summary>Every call that a product makes of cuBLAS and of the driver fails once: a typed exception with its status, nothing leaks, the next product is right.</summary>
internal sealed unsafe class CublasFaultTests : CublasHostTests
{
    private const int Rows = 3;
    private const int Columns = 4;
    private const int Inner = 5;
    private const int IllegalAddress = 700;

    /// <summary>Two calls of cuBLAS, and one of the kernel.</summary>
    private static readonly MatrixProduct[] Products =
    [
        new() { Rows = Rows, Columns = Columns, Inner = Inner, A = 0, B = 0, C = 0, Alpha = 1 },
        new() { Rows = Rows, Columns = Columns, Inner = Inner, A = 0, B = 0, C = 12, Alpha = 2 },
        new() { Rows = Rows, Columns = Columns, Inner = 0, A = 0, B = 0, C = 24, Alpha = 2 },
    ];

    [Test]
    public void EveryCallOfCublas_ThatFails_ThrowsItsStatus_AndTheNextProductIsRight(
        [Values("cublasCreate_v2", "cublasSetMathMode", "cublasSetStream_v2", "cublasSetWorkspace_v2", "cublasDgemmStridedBatched")] string call,
        [Values(1, 3, 13)] int status)
    {
        double[] expected;
        using (CudaRuntime runtime = OpenWithCublas())
            expected = Multiplied(runtime);
        using (CudaRuntime runtime = OpenWithCublas())
        {
            Host.FailCall(call, 1, status);
            CublasException exception = Assert.Throws<CublasException>(() => Multiplied(runtime))!;
            using (Assert.EnterMultipleScope())
            {
                Assert.That(exception.Code, Is.EqualTo(status));
                Assert.That(exception.Call, Is.EqualTo(call));
                Assert.That(exception.IsLost, Is.False);
            }

            runtime.TrimPool();
            Assert.That(Host.Live(HostObject.MemoryBytes), Is.Zero);
            Assert.That(Multiplied(runtime), Is.EqualTo(expected));
            Assert.That(Host.Live(HostObject.BlasHandles), Is.EqualTo(1));
        }

        Assert.That(Host.Alive(), Is.Empty);
    }

    [Test]
    public void EveryCallThatFails_LeavesNothingBehind()
    {
        double[] expected = [];
        long before = Host.Calls;
        expected = Fresh();
        long count = Host.Calls - before;
        for (long k = 1; k <= count; k++)
        {
            Host.FailCall(null, k, 999);
            try
            {
                Assert.That(Fresh(), Is.EqualTo(expected), $"call {k} of {count}");
            }
            catch (CublasException exception) when (exception.Code == 0)
            {
                Assert.That(exception.Message, Does.Contain("cublasGetProperty"), $"call {k} of {count}");
            }
            catch (CudaException exception)
            {
                Assert.That(exception.Code, Is.EqualTo(999), $"call {k} of {count}: {exception}");
            }

            Host.FailCall(null, 0, 0);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.That(Host.Alive(), Is.Empty, $"call {k} of {count}");
        }
    }

    [Test]
    public void EveryCallThatLosesTheDevice_IsThrown_AndNothingIsAskedAgain()
    {
        long count;
        using (CudaRuntime runtime = OpenWithCublas())
        {
            long before = Host.Calls;
            Multiplied(runtime);
            count = Host.Calls - before;
        }

        for (long k = 1; k <= count; k++)
        {
            using (CudaRuntime runtime = OpenWithCublas())
            {
                Host.FailCall(null, k, IllegalAddress);
                try
                {
                    Multiplied(runtime);
                }
                catch (CudaException exception)
                {
                    Assert.That(exception.Code, Is.EqualTo(IllegalAddress), $"call {k} of {count}: {exception}");
                    Assert.That(exception.IsLost, $"call {k} of {count}: {exception}");
                }

                long calls = Host.Calls;
                Assert.Throws<CudaContextLostException>(() => Multiplied(runtime), $"call {k} of {count}");
                Assert.That(Host.Calls, Is.EqualTo(calls), $"call {k} of {count}");
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.That(Host.Alive(), Is.Empty, $"call {k} of {count}");
        }
    }

    [Test]
    public void HandleThatCannotBeDestroyed_GoesWithItsContext()
    {
        CudaRuntime runtime = OpenWithCublas();
        Multiplied(runtime);
        Host.FailCall("cublasDestroy_v2", 1, 14);
        runtime.Dispose();
        Assert.That(Host.Alive(), Is.Empty);
    }

    [Test]
    public void Handle_KeepsItsContextAlive()
    {
        CudaRuntime runtime = OpenWithCublas();
        CublasRuntime other = new(runtime.Context, runtime.Cublas!.Library, runtime.Limits.Capability);
        other.Prepare();
        runtime.Dispose();
        Assert.That(Host.Alive(), Is.EqualTo("1 Contexts, 1 BlasHandles"));
        other.Dispose();
        Assert.That(Host.Alive(), Is.Empty);
    }

    [Test]
    public void Handle_IsMadeWhenAProductNeedsIt()
    {
        using CudaRuntime runtime = OpenWithCublas();
        Assert.That(Host.Live(HostObject.BlasHandles), Is.Zero);
        Multiplied(runtime);
        Multiplied(runtime);
        Assert.That(Host.Live(HostObject.BlasHandles), Is.EqualTo(1));
    }

    [Test]
    public void CancelledProduct_EndsWithoutAnAnswer_AndTheNextOneIsRight()
    {
        using CudaRuntime runtime = OpenWithCublas();
        double[] expected = Multiplied(runtime);
        Assert.Throws<OperationCanceledException>(() => Multiplied(runtime, new CancellationToken(canceled: true)));
        Assert.That(Multiplied(runtime), Is.EqualTo(expected));
    }

    [Test]
    public void WorkspaceBeyondTheMemoryCap_IsSaid()
    {
        using CudaRuntime runtime = OpenWithCublas(o => o.MemoryCap = 1 << 20);
        Assert.That(Assert.Throws<CudaOutOfMemoryException>(() => Multiplied(runtime))!.Message, Does.Contain("MemoryCap"));
    }

    [TestCase(2, 3, 4, 2, 3, 2, 0)] // right
    [TestCase(2, 3, 4, 1, 3, 2, 7)] // lda below the rows of A
    [TestCase(2, 3, 4, 2, 3, 1, 7)] // ldc below the rows of C
    [TestCase(-2, 3, 4, 2, 4, 2, 7)]
    public void WhatStandsInForCublas_RefusesWhatCublasRefuses(int rows, int columns, int inner, int leadA, int leadB, int leadC, int status)
    {
        using CudaRuntime runtime = OpenWithCublas();
        CublasFunctions functions = runtime.Cublas!.Library.Functions;
        using CudaBuffer<double> matrix = runtime.Allocate<double>(64);
        matrix.CopyFrom(Drawn.Uniform(1, 64), 0);
        using CudaBuffer<byte> workspace = runtime.Allocate<byte>(1024);
        using CudaContext.Scope scope = runtime.Context.Enter();
        nint handle = 0;
        Assert.That(functions.cublasCreate_v2(&handle), Is.EqualTo(CublasStatus.Success));
        CublasStatus withoutWorkspace = Multiply(handle);
        Assert.That(functions.cublasSetWorkspace_v2(handle, workspace.Address + 8, 512), Is.EqualTo(CublasStatus.InvalidValue), "misaligned");
        Assert.That(functions.cublasSetWorkspace_v2(handle, workspace.Address, 1 << 20), Is.EqualTo(CublasStatus.InvalidValue), "too long");
        Assert.That(functions.cublasSetWorkspace_v2(handle, workspace.Address, 1024), Is.EqualTo(CublasStatus.Success));
        CublasStatus found = Multiply(handle);
        Assert.That(functions.cublasDestroy_v2(handle), Is.EqualTo(CublasStatus.Success));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)found, Is.EqualTo(status));
            Assert.That(withoutWorkspace, Is.EqualTo(status == 0 ? CublasStatus.AllocFailed : CublasStatus.InvalidValue));
            Assert.That(functions.cublasDestroy_v2(handle), Is.EqualTo(CublasStatus.NotInitialized), "a handle that is gone");
        }

        CublasStatus Multiply(nint handle)
        {
            double one = 1;
            return functions.cublasDgemmStridedBatched(
                handle, 0, 1, rows, columns, inner, &one, matrix.Address, leadA, 0, matrix.Address, leadB, 0, &one, matrix.AddressAt(32), leadC, 0, 1);
        }
    }

    private static double[] Fresh()
    {
        using CudaRuntime runtime = OpenWithCublas();
        return Multiplied(runtime);
    }

    private static double[] Multiplied(CudaRuntime runtime, CancellationToken cancellation = default)
    {
        using CudaBuffer<double> a = runtime.Allocate<double>(Rows * Inner), b = runtime.Allocate<double>(Inner * Columns), c = runtime.Allocate<double>(36);
        a.CopyFrom(Drawn.Uniform(1, Rows * Inner), 0);
        b.CopyFrom(Drawn.Uniform(2, Inner * Columns), 0);
        Execution execution = new(new CudaBackend(runtime), 1, 0, null, cancellation);
        OtEngine.Cuda.Kernels.Multiply.Run(runtime, Products, a, b, c, execution);
        double[] result = new double[36];
        c.CopyTo(result, 0);
        return result;
    }
}

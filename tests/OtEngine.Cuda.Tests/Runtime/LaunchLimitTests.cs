using NUnit.Framework;
using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Runtime;
using OtEngine.Cuda.Tests.Ptx;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Runtime;

/// <summary>What kernels take of a multiprocessor, which the host device has from kernels/ptx/registers.csv, and launches that do not fit.</summary>
internal sealed unsafe class LaunchLimitTests : HostTests
{
    private const int HostCapability = 90;
    private const string HostRow = "sm_90a";

    [Test]
    public void EveryEntry_TakesWhatTheTableSays()
    {
        const int SharedBytes = 1, LocalBytes = 3, Registers = 4;
        using CudaRuntime runtime = Host.Open();
        RegisterRow[] rows = [.. RegisterRow.All.Where(row => row.Device == HostRow && Loaded(row.Family) == $"{row.Family}.{row.Architecture}.ptx")];
        Assert.That(rows.Select(row => row.Family).Distinct(StringComparer.Ordinal), Is.EquivalentTo(KernelFolder.Families));
        using (Assert.EnterMultipleScope())
        {
            foreach (RegisterRow row in rows)
            {
                CudaFunction function = runtime.Function(row.Family, row.Entry);
                Assert.That(Attribute(runtime, function, Registers), Is.EqualTo(row.Registers), row.Entry);
                Assert.That(Attribute(runtime, function, LocalBytes), Is.EqualTo(row.Local), row.Entry);
                Assert.That(Attribute(runtime, function, SharedBytes), Is.EqualTo(row.Shared), row.Entry);
            }
        }
    }

    [Test]
    public void BlockBeyondTheRegisterFile_IsRefused_AndTheDeviceIsNotLost()
    {
        const int TooManyResources = 701;
        using Engine engine = Host.CreateEngine();
        double[] expected = SmallProblem.Bits(engine, SmallProblem.Points);
        Host.Limit("registers", 4096);
        CudaException exception = Assert.Throws<CudaException>(() => SmallProblem.Bits(engine, SmallProblem.Points))!;
        Assert.That(exception.Code, Is.EqualTo(TooManyResources));
        Host.Reset();
        Assert.That(SmallProblem.Bits(engine, SmallProblem.Points), Is.EqualTo(expected));
    }

    [Test]
    public void DynamicSharedMemory_ThatStaticMemoryTakesBeyond48KiB_IsOptedInTo()
    {
        // A block of this problem takes 48 KiB of dynamic memory to the byte.
        const int Rows = 60, Columns = 82;
        Random random = new(7);
        double[] a = [.. Enumerable.Range(0, Rows).Select(k => k == 5 ? 0 : random.NextDouble())];
        double[] b = [.. Enumerable.Range(0, Columns).Select(k => k == 9 ? 0 : random.NextDouble())];
        double ratio = a.Sum() / b.Sum();
        TransportProblem<double> problem = TransportProblem
            .On(new DenseGeometry<double>(Array.ConvertAll(new double[Rows * Columns], _ => random.NextDouble()), Rows, Columns))
            .WithWeights(a, Array.ConvertAll(b, weight => weight * ratio));
        using Engine engine = Host.CreateEngine();
        using Engine cpu = Engine.Create();
        using TransportResult<double> result = engine.Solve(problem, SmallProblem.Solver);
        using TransportResult<double> expected = cpu.Solve(problem, SmallProblem.Solver);
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(result.TransportCost, Is.EqualTo(expected.TransportCost).Within(1e-5));
    }

    /// <summary>The image that the host device, which takes no machine code, has of a family.</summary>
    private static string Loaded(string family) => KernelImages.Choose(KernelImages.All, family, HostCapability).First(KernelImages.IsPtx);

    private static int Attribute(CudaRuntime runtime, CudaFunction function, int attribute)
    {
        using CudaContext.Scope scope = runtime.Context.Enter();
        int value = -1;
        Assert.That(runtime.Context.Driver.Module.cuFuncGetAttribute(&value, attribute, function.Handle), Is.EqualTo(CudaResult.Success));
        return value;
    }
}

using NUnit.Framework;
using OtEngine.Cuda.Runtime;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests;

/// <summary>Solves whose costs and answers lie in device memory of the caller's.</summary>
internal sealed class DeviceSolveTests : HostTests
{
    private const int Rows = 9;
    private const int Columns = 14;
    private const int Dimension = 3;
    private static readonly Sinkhorn Solver = new() { Epsilon = 0.1 };

    [TestCase(false)]
    [TestCase(true)]
    public void Solve_OfDeviceMemory_GivesTheBitsOfHostMemory(bool points)
    {
        using Engine engine = Host.CreateEngine();
        using CudaRuntime application = Host.Open();
        using Inputs inputs = new(application);
        double[] f = new double[Rows];
        double[] g = new double[Columns];
        using SinkhornWorkspace<double> workspace = new();
        Geometry<double> geometry = points
            ? new PointCloudGeometry<double>(inputs.HostX, inputs.HostY, Dimension, Cost.Euclidean)
            : new DenseGeometry<double>(inputs.HostCosts, Rows, Columns);
        SinkhornSummary expected = engine.Solve(geometry, inputs.HostA, inputs.HostB, Solver, workspace, f, g);
        SinkhornSummary summary = points ? inputs.SolvePoints(engine) : inputs.SolveCosts(engine);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(summary, Is.EqualTo(expected));
            Assert.That(summary.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(Inputs.Read(inputs.F), Is.EqualTo(f));
            Assert.That(Inputs.Read(inputs.G), Is.EqualTo(g));
            Assert.That(Inputs.Read(inputs.Costs), Is.EqualTo(inputs.HostCosts));
        }
    }

    [Test]
    public void WorkQueuedByTheCaller_IsWaitedFor()
    {
        using Engine engine = Host.CreateEngine();
        using CudaRuntime application = Host.Open();
        using Inputs inputs = new(application);
        SinkhornSummary expected = inputs.SolveCosts(engine);
        inputs.Costs.CopyFrom(new double[Rows * Columns], 0);
        Host.Seed(5);
        using StreamLease lease = application.Rent();
        lease.Stream.Upload<double>(inputs.HostCosts, inputs.Costs);
        Assert.That(inputs.SolveCosts(engine, lease.Stream.Handle), Is.EqualTo(expected));
    }

    [Test]
    public void MemoryThatIsNoDeviceMemory_IsRefused()
    {
        using Engine engine = Host.CreateEngine();
        using CudaRuntime application = Host.Open();
        using Inputs inputs = new(application);
        DeviceMemory<double> nowhere = new(0x1000, Rows * Columns);
        ProblemException refusal = Assert.Throws<ProblemException>(() => engine.Solve(nowhere, Of(inputs.A), Of(inputs.B), Solver, Of(inputs.F), Of(inputs.G)))!;
        Assert.That(refusal.Message, Does.Contain("costs").And.Contain("0x1000"));
        Assert.That(inputs.SolveCosts(engine).Status, Is.EqualTo(SolveStatus.Converged), "the device is not lost");
    }

    [Test]
    public void MemoryThatEndsTooEarly_IsMisaligned_OrOverlaps_IsRefused()
    {
        using Engine engine = Host.CreateEngine();
        using CudaRuntime application = Host.Open();
        using Inputs inputs = new(application);
        DeviceMemory<double> costs = Of(inputs.Costs);
        DeviceMemory<double> f = Of(inputs.F);
        void Refuses(ProblemError error, DeviceMemory<double> given, DeviceMemory<double> f, DeviceMemory<double> g) => Assert.That(
            Assert.Throws<ProblemException>(() => engine.Solve(given, Of(inputs.A), Of(inputs.B), Solver, f, g)).Error, Is.EqualTo(error));
        using (Assert.EnterMultipleScope())
        {
            // The pool rounds 1008 bytes up to 1024.
            Refuses(ProblemError.ShapeMismatch, costs with { Address = costs.Address + 64 }, f, Of(inputs.G));
            Refuses(ProblemError.ShapeMismatch, costs with { Length = costs.Length - 1 }, f, Of(inputs.G));
            Refuses(ProblemError.Unsupported, costs with { Address = costs.Address + 4 }, f, Of(inputs.G));
            Refuses(ProblemError.Overlap, costs, f with { Address = costs.Address + 8 }, Of(inputs.G));
            Refuses(ProblemError.ShapeMismatch, costs, f with { Length = Rows - 1 }, Of(inputs.G));
            Refuses(ProblemError.Empty, costs, f with { Length = 0 }, Of(inputs.G));
        }
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void CostThatIsNotFinite_IsRefused(double value)
    {
        using Engine engine = Host.CreateEngine();
        using CudaRuntime application = Host.Open();
        using Inputs inputs = new(application);
        inputs.Costs.CopyFrom([value], 17);
        Assert.That(Assert.Throws<ProblemException>(() => inputs.SolveCosts(engine)).Error, Is.EqualTo(ProblemError.NotFinite));
    }

    [Test]
    public void WeightsThatAreNegative_AreRefused()
    {
        using Engine engine = Host.CreateEngine();
        using CudaRuntime application = Host.Open();
        using Inputs inputs = new(application);
        inputs.A.CopyFrom([-1], 2);
        Assert.That(Assert.Throws<ProblemException>(() => inputs.SolveCosts(engine)).Error, Is.EqualTo(ProblemError.NegativeWeight));
    }

    [Test]
    public void EngineOnTheCpu_RefusesDeviceMemory()
    {
        using Engine cpu = Engine.Create();
        DeviceMemory<double> memory = new(0x1000, 1);
        Assert.That(Assert.Throws<ProblemException>(() => cpu.Solve(memory, memory, memory, Solver, memory, memory)).Message, Does.Contain("CPU"));
    }

    private static DeviceMemory<double> Of(CudaBuffer<double> buffer) => new((nint)buffer.Address, buffer.Length);

    /// <summary>A problem in memory of an application.</summary>
    private sealed class Inputs : IDisposable
    {
        public Inputs(CudaRuntime application)
        {
            Random random = new(11);
            double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
            HostCosts = Draw(Rows * Columns);
            HostX = Draw(Rows * Dimension);
            HostY = Draw(Columns * Dimension);
            HostA = Draw(Rows);
            HostB = Draw(Columns);
            HostA[3] = 0;
            double ratio = HostA.Sum() / HostB.Sum();
            HostB = Array.ConvertAll(HostB, weight => weight * ratio);
            Costs = Uploaded(application, HostCosts);
            X = Uploaded(application, HostX);
            Y = Uploaded(application, HostY);
            A = Uploaded(application, HostA);
            B = Uploaded(application, HostB);
            F = application.Allocate<double>(Rows);
            G = application.Allocate<double>(Columns);
        }

        public double[] HostCosts { get; }

        public double[] HostX { get; }

        public double[] HostY { get; }

        public double[] HostA { get; }

        public double[] HostB { get; }

        public CudaBuffer<double> Costs { get; }

        public CudaBuffer<double> X { get; }

        public CudaBuffer<double> Y { get; }

        public CudaBuffer<double> A { get; }

        public CudaBuffer<double> B { get; }

        public CudaBuffer<double> F { get; }

        public CudaBuffer<double> G { get; }

        public static double[] Read(CudaBuffer<double> buffer)
        {
            double[] values = new double[buffer.Length];
            buffer.CopyTo(values, 0);
            return values;
        }

        public SinkhornSummary SolveCosts(Engine engine, nint after = 0) => engine.Solve(Of(Costs), Of(A), Of(B), Solver, Of(F), Of(G), after);

        public SinkhornSummary SolvePoints(Engine engine) => engine.Solve(Of(X), Of(Y), Dimension, Cost.Euclidean, Of(A), Of(B), Solver, Of(F), Of(G));

        public void Dispose()
        {
            foreach (CudaBuffer<double> buffer in (ReadOnlySpan<CudaBuffer<double>>)[Costs, X, Y, A, B, F, G])
                buffer.Dispose();
        }

        private static CudaBuffer<double> Uploaded(CudaRuntime application, double[] values)
        {
            CudaBuffer<double> buffer = application.Allocate<double>(values.Length);
            buffer.CopyFrom(values, 0);
            return buffer;
        }
    }
}

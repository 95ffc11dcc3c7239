using System.Numerics;
using OtEngine.Cuda;
using OtEngine.Cuda.Kernels;
using OtEngine.Cuda.Runtime;

namespace OtEngine;

/// <summary>What an engine on CUDA can do besides.</summary>
public static class CudaEngineExtensions
{
    /// <summary>
    /// Solves one entropic problem whose costs lie in device memory, into device memory, without copying the costs; see <see cref="Sinkhorn"/>.
    /// Returns when it is done. Weights and potentials pass through the host, 2 (n + m) numbers.
    /// </summary>
    /// <param name="engine">An engine on CUDA; the memory is of its device and context.</param>
    /// <param name="costs">n x m finite costs, row-major; read and left as they are.</param>
    /// <param name="a">n weights, at least zero, not all zero.</param>
    /// <param name="b">m weights of the same total.</param>
    /// <param name="solver">How to solve.</param>
    /// <param name="f">Receives n potentials, in cost units; must not overlap anything else.</param>
    /// <param name="g">Receives m potentials.</param>
    /// <param name="after">A stream (CUstream) whose queued work is waited for first, such as what computes the costs; 0 where all of it has ended.</param>
    /// <param name="cancellationToken">Observed between chunks of sweeps.</param>
    /// <returns>The numbers of the answer; there is no plan and no bracket.</returns>
    /// <exception cref="ProblemException">Not memory of the engine's device, shorter than its length says, misaligned or overlapping; values that are not finite; weights of unequal totals; an engine on the CPU.</exception>
    /// <exception cref="CudaException">The driver failed. A lost device throws whatever <see cref="CudaOptions.FallbackOnFault"/> says: the CPU cannot read this memory.</exception>
    public static SinkhornSummary Solve<T>(
        this Engine engine,
        DeviceMemory<T> costs,
        DeviceMemory<T> a,
        DeviceMemory<T> b,
        Sinkhorn solver,
        DeviceMemory<double> f,
        DeviceMemory<double> g,
        nint after = 0,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T> => DeviceSolve.Run(engine, runtime => Costs(runtime, costs, a, b, f, g), a, b, solver, f, g, after, cancellationToken);

    /// <summary>The same for points in device memory and a ground cost, whose matrix is stored only within <see cref="EngineOptions.CostMatrixBudget"/>.</summary>
    /// <param name="engine">An engine on CUDA; the memory is of its device and context.</param>
    /// <param name="x">n x d finite coordinates, one point a row.</param>
    /// <param name="y">m x d finite coordinates.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="cost">The ground cost; not the cosine cost, for which points are scaled first: give its matrix.</param>
    /// <param name="a">n weights, at least zero, not all zero.</param>
    /// <param name="b">m weights of the same total.</param>
    /// <param name="solver">How to solve.</param>
    /// <param name="f">Receives n potentials, in cost units; must not overlap anything else.</param>
    /// <param name="g">Receives m potentials.</param>
    /// <param name="after">A stream (CUstream) whose queued work is waited for first, such as what computes the costs; 0 where all of it has ended.</param>
    /// <param name="cancellationToken">Observed between chunks of sweeps.</param>
    /// <returns>The numbers of the answer; there is no plan and no bracket.</returns>
    /// <exception cref="ProblemException">As for costs; or the cosine cost.</exception>
    /// <exception cref="CudaException">The driver failed.</exception>
    public static SinkhornSummary Solve<T>(
        this Engine engine,
        DeviceMemory<T> x,
        DeviceMemory<T> y,
        int dimension,
        Cost cost,
        DeviceMemory<T> a,
        DeviceMemory<T> b,
        Sinkhorn solver,
        DeviceMemory<double> f,
        DeviceMemory<double> g,
        nint after = 0,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        DeviceSolve.Run(engine, runtime => Points(runtime, x, y, dimension, cost, a, b, f, g), a, b, solver, f, g, after, cancellationToken);

    /// <summary>
    /// Gives device memory that the engine keeps for later calls back to the device, for other users of it. Memory in use stays; the next call
    /// takes anew what it needs. On the CPU, or after the engine fell back to it, there is nothing to give back.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <returns>Bytes given back.</returns>
    public static long TrimPool(this Engine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return engine.Backend is CudaBackend cuda ? cuda.Runtime.TrimPool() : 0;
    }

    private static DeviceProblem Costs<T>(
        CudaRuntime runtime, DeviceMemory<T> costs, DeviceMemory<T> a, DeviceMemory<T> b, DeviceMemory<double> f, DeviceMemory<double> g)
        where T : unmanaged
    {
        // Both lengths are at most Array.MaxLength by now.
        if (costs.Length != a.Length * b.Length)
            Throw.ShapeMismatch("costs", costs.Length, a.Length * b.Length, "one a pair of weights");
        DeviceSolve.RequireApart(f, "f", costs, "costs");
        DeviceSolve.RequireApart(g, "g", costs, "costs");
        return new DeviceProblem { Geometry = DeviceGeometryKind.Dense, Costs = ForeignMemory.Of(runtime, "costs", costs).Address };
    }

    private static DeviceProblem Points<T>(
        CudaRuntime runtime,
        DeviceMemory<T> x,
        DeviceMemory<T> y,
        int dimension,
        Cost cost,
        DeviceMemory<T> a,
        DeviceMemory<T> b,
        DeviceMemory<double> f,
        DeviceMemory<double> g)
        where T : unmanaged
    {
        if (dimension < 1)
            Throw.OutOfRange("The dimension", dimension, "at least 1");
        if (cost.Kind == CostKind.Cosine)
            Throw.Unsupported("The cosine cost needs points scaled to length one, which is done on the host; give the matrix of costs in device memory.");
        if (x.Length != a.Length * dimension)
            Throw.ShapeMismatch("x", x.Length, a.Length * dimension, "the dimension times the weights of a");
        if (y.Length != b.Length * dimension)
            Throw.ShapeMismatch("y", y.Length, b.Length * dimension, "the dimension times the weights of b");
        DeviceSolve.RequireApart(f, "f", x, "x");
        DeviceSolve.RequireApart(f, "f", y, "y");
        DeviceSolve.RequireApart(g, "g", x, "x");
        DeviceSolve.RequireApart(g, "g", y, "y");
        return new DeviceProblem
        {
            Geometry = DeviceGeometryKind.Points,
            Cost = cost.Kind,
            Dimension = dimension,
            Norm = cost.Norm,
            Exponent = cost.Exponent,
            X = ForeignMemory.Of(runtime, "x", x).Address,
            Y = ForeignMemory.Of(runtime, "y", y).Address,
        };
    }
}

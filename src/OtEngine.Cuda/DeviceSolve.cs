using System.Collections.Immutable;
using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cuda.Kernels;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda;

/// <summary>An entropic solve whose costs lie in device memory. Weights and potentials, n + m numbers, pass through the host, which checks and scales them.</summary>
internal static class DeviceSolve
{
    public static SinkhornSummary Run<T>(
        Engine engine,
        Func<CudaRuntime, DeviceProblem> geometryOf,
        DeviceMemory<T> a,
        DeviceMemory<T> b,
        Sinkhorn solver,
        DeviceMemory<double> f,
        DeviceMemory<double> g,
        nint after,
        CancellationToken cancellationToken)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(solver);
        Execution execution = engine.Begin(1, progress: null, cancellationToken);
        if (execution.Backend is not CudaBackend { Runtime: { } runtime })
        {
            Throw.Unsupported($"Device memory needs an engine on CUDA; this one runs on the CPU. {engine.FallbackReason}");
            return default!;
        }

        ElementType.Require<T>();
        CudaBuffer<T> weightsA = ForeignMemory.Of(runtime, "a", a);
        CudaBuffer<T> weightsB = ForeignMemory.Of(runtime, "b", b);
        CudaBuffer<double> potentialsA = ForeignMemory.Of(runtime, "f", f);
        CudaBuffer<double> potentialsB = ForeignMemory.Of(runtime, "g", g);
        int n = Count(a.Length, "a");
        int m = Count(b.Length, "b");
        if (f.Length != n)
            Throw.ShapeMismatch("f", f.Length, n, "one value a weight of a");
        if (g.Length != m)
            Throw.ShapeMismatch("g", g.Length, m, "one value a weight of b");
        RequireApart(f, "f", g, "g");
        RequireApart(f, "f", a, "a");
        RequireApart(f, "f", b, "b");
        RequireApart(g, "g", a, "a");
        RequireApart(g, "g", b, "b");
        DeviceGeometry<T> geometry = new(n, m, geometryOf(runtime));
        if (after != 0)
            runtime.Context.Wait(after);
        using HostBuffer<T> weights = new((long)n + m);
        weightsA.CopyTo(weights.Span(0, n), 0);
        weightsB.CopyTo(weights.Span(n, m), 0);
        Validate.EqualTotals<T>(
            Validate.Weights<T>("a", weights.Span(0, n), n, "one weight a row"), Validate.Weights<T>("b", weights.Span(n, m), m, "one weight a column"));
        ProblemRow row = new() { Geometry = 0, Transposed = 0, Rows = n, Columns = m, WeightsA = 0, WeightsB = n, PotentialsA = 0, PotentialsB = n };
        using ProblemTable<T> table = new([geometry], ImmutableArray.Create(row), weights, ownsWeights: false);
        RequireFinite(execution, table);
        using SinkhornRun<T> run = new(solver with { RecordHistory = false }, table, execution);
        run.Sweep(bracket: false);
        run.Extend();
        double[] hostF = new double[n];
        double[] hostG = new double[m];
        SinkhornSummary summary = run.Summary(0, hostF, hostG);
        potentialsA.CopyFrom(hostF, 0);
        potentialsB.CopyFrom(hostG, 0);
        return summary;
    }

    /// <summary>A number of atoms, or of points.</summary>
    public static int Count(long length, string what)
    {
        if (length > Array.MaxLength)
            Throw.OutOfRange($"The length of {what}", length, $"1 to {Array.MaxLength}");
        return (int)length;
    }

    public static unsafe void RequireApart<T, TOther>(DeviceMemory<T> first, string firstName, DeviceMemory<TOther> second, string secondName)
        where T : unmanaged
        where TOther : unmanaged
    {
        long firstEnd = first.Address + (first.Length * sizeof(T));
        long secondEnd = second.Address + (second.Length * sizeof(TOther));
        if (first.Address < secondEnd && second.Address < firstEnd)
            Throw.Overlap(firstName, secondName);
    }

    /// <summary>One pass over all costs; a NaN or an infinity shows in their mean.</summary>
    private static void RequireFinite<T>(Execution execution, ProblemTable<T> table)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        CostStatistics[] statistics = new CostStatistics[1];
        using LoadedTable<T> loaded = execution.Backend.Load(table);
        execution.Backend.CostReduce(loaded, statistics, execution);
        if (!double.IsFinite(statistics[0].MeanMagnitude) || !double.IsFinite(statistics[0].Largest - statistics[0].Least))
            Throw.Problem(ProblemError.NotFinite, "A cost in device memory is not finite, or its costs are too far apart for a number; every cost must be finite.");
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::plan_reduce_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanReduceArguments
{
    public DeviceTable Problems;
    public ulong Epsilons;
    public ulong Potentials;
    public ulong X;
    public ulong Y;
    public ulong Sums;
    public ulong Costs;
}

/// <summary>
/// The verb PlanReduce: sums over rows by kernels/plan_reduce.cu, over columns by plan_apply.cu, hard transforms by soft_min.cu; the
/// arithmetic on n + m numbers between them is <see cref="PlanReductionRule"/>'s, on the host.
/// </summary>
internal static class PlanReduce
{
    private const int RowsOfABlock = Tuning.PlanThreads / 32;
    private static readonly KernelEntry<PlanReduceArguments> Entry = new("plan_reduce", "ot_plan_reduce", Tuning.PlanThreads);

    public static void Run<T>(
        CudaRuntime runtime,
        CudaTable<T> table,
        ReadOnlySpan<double> epsilons,
        CudaBuffer<double> potentials,
        CudaBuffer<double>? marginals,
        bool bracket,
        Span<PlanReduction> reductions,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using PlanSums<T> sums = new(runtime, table, epsilons, potentials, execution);
        sums.Measure(marginals, reductions);
        if (bracket)
            sums.Bracket(reductions);
    }

    /// <summary>Queues sums over rows: with a plan, or of x C y alone where no potentials are given.</summary>
    public static void Queue<T>(
        CudaRuntime runtime,
        CudaStream stream,
        Tiles tiles,
        CudaBuffer<double> epsilons,
        CudaBuffer<double>? potentials,
        CudaBuffer<double>? x,
        CudaBuffer<double>? y,
        CudaBuffer<double> sums,
        CudaBuffer<double> costs)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        PlanReduceArguments arguments = new()
        {
            Problems = tiles.Table,
            Epsilons = epsilons.Address,
            Potentials = potentials?.Address ?? 0,
            X = x?.Address ?? 0,
            Y = y?.Address ?? 0,
            Sums = sums.Address,
            Costs = costs.Address,
        };
        Entry.Launch<T>(runtime, stream, tiles.Total, arguments);
    }

    public static long BlocksOf(ProblemRow row) => Tiles.Of(row.Rows, RowsOfABlock);
}

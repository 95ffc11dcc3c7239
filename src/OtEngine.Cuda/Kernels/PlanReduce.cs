using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cpu;
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
/// arithmetic on n + m numbers between them is <see cref="PlanReductionRule"/>'s, on the host. Large grids go along their axes, one after the
/// other, by grid_soft_min.cu; the arithmetic is then <see cref="GridPlanReduce"/>'s.
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
        int[] byPairs = [.. Enumerable.Range(0, epsilons.Length).Where(row => !table.GoesAlongAxes(row))];
        if (byPairs.Length > 0)
        {
            using PlanSums<T> sums = new(runtime, table, byPairs, epsilons, potentials, execution);
            sums.Measure(marginals, reductions);
            if (bracket)
                sums.Bracket(reductions);
        }

        if (byPairs.Length < epsilons.Length)
            RunAlongAxes(runtime, table, epsilons, potentials, marginals, bracket, reductions, execution);
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

    private static void RunAlongAxes<T>(
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
        using CudaBuffer<double> regularisations = runtime.Allocate<double>(epsilons.Length);
        regularisations.CopyFrom(epsilons, 0);
        for (int row = 0; row < epsilons.Length; row++)
        {
            if (!table.GoesAlongAxes(row))
                continue;
            ProblemRow place = table.Table.Rows[row];
            double[] f = new double[place.Rows];
            double[] g = new double[place.Columns];
            potentials.CopyTo(f, place.PotentialsA);
            potentials.CopyTo(g, place.PotentialsB);
            using GridProblem<T> problem = new(new CudaGridTransform<T>(runtime, table, row, regularisations));
            problem.Take(table.Table, row, epsilons[row], f, g, threads: 1);

            // The potentials have been taken, and make room for the sums.
            reductions[row] = GridPlanReduce.Reduce(problem, marginals is null ? [] : f, marginals is null ? [] : g, bracket, execution.Cancellation);
            marginals?.CopyFrom(f, place.PotentialsA);
            marginals?.CopyFrom(g, place.PotentialsB);
        }
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::gromov_gradient_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GromovGradientArguments
{
    public ulong Problems;
    public ulong Rows;
    public ulong Tiles;
    public ulong Constants;
    public ulong Plans;
    public ulong Features;
    public ulong Gradients;
    public ulong Sums;
    public long Length;
    public long Count;
}

/// <summary><c>ot::gromov_constants_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GromovConstantsArguments
{
    public ulong Inners;
    public ulong Tiles;
    public ulong Costs;
    public ulong Weights;
    public ulong Constants;
    public long Count;
}

/// <summary>The launcher of kernels/gromov_gradient.cu's constants and gradients; its plans are <see cref="GromovPlan"/>'s. A batch is one launch.</summary>
internal static class GromovGradient
{
    public const string Family = "gromov_gradient";

    private const int RowsOfABlock = Tuning.GromovThreads / 32;
    private static readonly KernelEntry<GromovConstantsArguments> ConstantsEntry = new(Family, "ot_gromov_constants", Tuning.GromovThreads);
    private static readonly KernelEntry<GromovGradientArguments> Entry = new(Family, "ot_gromov_gradient", Tuning.GromovThreads);

    public static void Constants<T>(
        CudaRuntime runtime, ReadOnlySpan<GromovInner> inners, CudaBuffer<T> costs, CudaBuffer<double> weights, CudaBuffer<double> constants, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        long[] totals = new long[inners.Length + 1];
        for (int k = 0; k < inners.Length; k++)
        {
            inners[k].RequireWithin(costs.Length, Math.Min(weights.Length, constants.Length));
            totals[k + 1] = totals[k] + Tiles.Of(inners[k].Size, RowsOfABlock);
        }

        if (totals[^1] == 0)
            return;
        using CudaBuffer<GromovInner> batch = runtime.Allocate<GromovInner>(inners.Length);
        using CudaBuffer<long> tiles = runtime.Allocate<long>(totals.Length);
        using StreamLease lease = runtime.Rent();
        lease.Stream.Upload(inners, batch);
        lease.Stream.Upload<long>(totals, tiles);
        GromovConstantsArguments arguments = new()
        {
            Inners = batch.Address,
            Tiles = tiles.Address,
            Costs = costs.Address,
            Weights = weights.Address,
            Constants = constants.Address,
            Count = inners.Length,
        };
        ConstantsEntry.Launch<T>(runtime, lease.Stream, totals[^1], arguments);
        lease.Stream.Synchronize();
    }

    public static void Run<T>(
        CudaRuntime runtime,
        CudaTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        CudaBuffer<double> constants,
        CudaBuffer<T> plans,
        CudaBuffer<T> features,
        CudaBuffer<T> gradients,
        CudaBuffer<double> sums,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        long length = table.Table.PotentialCount;
        GromovRow.RequireWithin(table.Table, rows, Math.Min(plans.Length, gradients.Length), features.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Math.Min(constants.Length, sums.Length / GromovSums.Count), nameof(table));
        long[] totals = new long[rows.Length + 1];
        for (int k = 0; k < rows.Length; k++)
            totals[k + 1] = totals[k] + Tiles.Of(table.Table.Rows[rows[k].Problem].Rows, RowsOfABlock);
        if (totals[^1] == 0)
            return;
        using CudaBuffer<GromovRow> batch = runtime.Allocate<GromovRow>(rows.Length);
        using CudaBuffer<long> tiles = runtime.Allocate<long>(totals.Length);
        using StreamLease lease = runtime.Rent();
        lease.Stream.Upload(rows, batch);
        lease.Stream.Upload<long>(totals, tiles);
        GromovGradientArguments arguments = new()
        {
            Problems = table.Problems,
            Rows = batch.Address,
            Tiles = tiles.Address,
            Constants = constants.Address,
            Plans = plans.Address,
            Features = features.Address,
            Gradients = gradients.Address,
            Sums = sums.Address,
            Length = length,
            Count = rows.Length,
        };
        Entry.Launch<T>(runtime, lease.Stream, totals[^1], arguments);
        lease.Stream.Synchronize();
    }
}

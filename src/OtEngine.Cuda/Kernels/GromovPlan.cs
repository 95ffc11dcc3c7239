using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::gromov_plan_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GromovPlanArguments
{
    public ulong Problems;
    public ulong Rows;
    public ulong Tiles;
    public ulong Parts;
    public ulong Epsilons;
    public ulong Potentials;
    public ulong Plans;
    public ulong Partials;
    public ulong Marginals;
    public ulong Moved;
    public long Count;
}

/// <summary>The launcher of the plans of kernels/gromov_gradient.cu: tiles of all problems in one launch, what they leave joined in another.</summary>
internal static class GromovPlan
{
    /// <summary>Rows of a tile: <c>ot::gromov_rows</c>.</summary>
    private const int TileRows = 32;

    /// <summary>Numbers that a tile leaves: <c>ot::gromov_tile_sums</c>.</summary>
    private const int TileSums = (2 * TileRows) + Tuning.GromovThreads;

    private static readonly KernelEntry<GromovPlanArguments> Entry = new(GromovGradient.Family, "ot_gromov_plan", Tuning.GromovThreads);
    private static readonly KernelEntry<GromovPlanArguments> Combine = new(GromovGradient.Family, "ot_gromov_combine_f64", Tuning.GromovThreads, isTyped: false);

    public static void Run<T>(
        CudaRuntime runtime,
        CudaTable<T> table,
        ReadOnlySpan<GromovRow> rows,
        ReadOnlySpan<double> epsilons,
        CudaBuffer<double> potentials,
        CudaBuffer<T> plans,
        CudaBuffer<double> marginals,
        CudaBuffer<double> moved,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        execution.Cancellation.ThrowIfCancellationRequested();
        GromovRow.RequireWithin(table.Table, rows, plans.Length, long.MaxValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(table.Table.PotentialCount, Math.Min(potentials.Length, Math.Min(marginals.Length, moved.Length)), nameof(table));
        ArgumentOutOfRangeException.ThrowIfLessThan(epsilons.Length, table.Table.Rows.Length, nameof(epsilons));
        long[] totals = new long[rows.Length + 1];
        long[] parts = new long[rows.Length + 1];
        long[] joined = new long[rows.Length + 1];
        for (int k = 0; k < rows.Length; k++)
        {
            ProblemRow problem = table.Table.Rows[rows[k].Problem];
            totals[k + 1] = totals[k] + (Tiles.Of(problem.Rows, TileRows) * Tiles.Of(problem.Columns, Tuning.GromovThreads));
            parts[k + 1] = totals[k + 1] * TileSums;
            joined[k + 1] = joined[k] + Tiles.Of((long)problem.Rows + problem.Columns, Tuning.GromovThreads);
        }

        if (totals[^1] == 0)
            return;
        using CudaBuffer<GromovRow> batch = runtime.Allocate<GromovRow>(rows.Length);
        using CudaBuffer<long> tiles = runtime.Allocate<long>(3L * totals.Length);
        using CudaBuffer<double> scales = runtime.Allocate<double>(epsilons.Length);
        using CudaBuffer<double> partials = runtime.Allocate<double>(parts[^1]);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        stream.Upload(rows, batch);
        stream.Upload<long>([.. totals, .. parts, .. joined], tiles);
        stream.Upload(epsilons, scales);
        GromovPlanArguments arguments = new()
        {
            Problems = table.Problems,
            Rows = batch.Address,
            Tiles = tiles.Address,
            Parts = tiles.AddressAt(totals.Length),
            Epsilons = scales.Address,
            Potentials = potentials.Address,
            Plans = plans.Address,
            Partials = partials.Address,
            Marginals = marginals.Address,
            Moved = moved.Address,
            Count = rows.Length,
        };
        Entry.Launch<T>(runtime, stream, totals[^1], arguments);
        Combine.Launch<T>(runtime, stream, joined[^1], arguments with { Tiles = tiles.AddressAt(2L * totals.Length) });
        stream.Synchronize();
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::reduced_costs_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReducedCostsArguments
{
    public DeviceTable Problems;
    public ulong RowShift;
    public ulong ColumnShift;
    public ulong Prices;
    public ulong Ends;
    public double Slack;
    public double Limit;
    public int K;
    public int Reserved;
}

/// <summary>The launcher of kernels/reduced_costs.cu: one problem of a table.</summary>
internal static class ReducedCosts
{
    private const string Family = "reduced_costs";
    private const int RowsOfABlock = Tuning.ReducedCostsThreads / 32;
    private const int ColumnsOfABlock = 32;
    private static readonly KernelEntry<ReducedCostsArguments> ByRow = new(Family, "ot_reduced_costs_by_row", Tuning.ReducedCostsThreads);
    private static readonly KernelEntry<ReducedCostsArguments> ByColumn = new(Family, "ot_reduced_costs_by_column", Tuning.ReducedCostsThreads);
    private static readonly KernelEntry<ReducedCostsArguments> Violation = new(Family, "ot_reduced_costs_violation", Tuning.ReducedCostsThreads);

    public static void Lowest<T>(
        CudaRuntime runtime, CudaTable<T> table, int row, in ArcPrices wanted, TransportSide side, Span<double> prices, Span<int> ends, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ProblemRow problem = table.Table.Rows[row];
        wanted.Require(problem.Rows, problem.Columns, side, prices.Length, ends.Length);
        execution.Cancellation.ThrowIfCancellationRequested();
        using CudaBuffer<double> rowShift = runtime.Allocate<double>(problem.Rows);
        using CudaBuffer<double> columnShift = runtime.Allocate<double>(problem.Columns);
        using CudaBuffer<double> lowest = runtime.Allocate<double>(prices.Length);
        using CudaBuffer<int> others = runtime.Allocate<int>(ends.Length);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        stream.Upload(wanted.RowShift, rowShift);
        stream.Upload(wanted.ColumnShift, columnShift);
        using Tiles tiles = table.TilesOf(stream, [row], own => side == TransportSide.A ? Tiles.Of(own.Rows, RowsOfABlock) : Tiles.Of(own.Columns, ColumnsOfABlock));
        ReducedCostsArguments arguments = new()
        {
            Problems = tiles.Table,
            RowShift = rowShift.Address,
            ColumnShift = columnShift.Address,
            Prices = lowest.Address,
            Ends = others.Address,
            Slack = wanted.Slack,
            Limit = wanted.Limit,
            K = wanted.Count,
        };
        (side == TransportSide.A ? ByRow : ByColumn).Launch<T>(runtime, stream, tiles.Total, arguments);
        stream.Download(lowest, prices);
        stream.Download(others, ends);
    }

    public static double LargestViolation<T>(
        CudaRuntime runtime, CudaTable<T> table, int row, ReadOnlySpan<double> f, ReadOnlySpan<double> g, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ProblemRow problem = table.Table.Rows[row];
        execution.Cancellation.ThrowIfCancellationRequested();
        using CudaBuffer<double> rowShift = runtime.Allocate<double>(problem.Rows);
        using CudaBuffer<double> columnShift = runtime.Allocate<double>(problem.Columns);
        using CudaBuffer<double> largest = runtime.Allocate<double>(problem.Rows);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        stream.Upload(f, rowShift);
        stream.Upload(g, columnShift);
        using Tiles tiles = table.TilesOf(stream, [row], own => Tiles.Of(own.Rows, RowsOfABlock));
        ReducedCostsArguments arguments = new()
        {
            Problems = tiles.Table,
            RowShift = rowShift.Address,
            ColumnShift = columnShift.Address,
            Prices = largest.Address,
        };
        Violation.Launch<T>(runtime, stream, tiles.Total, arguments);
        double[] violations = new double[problem.Rows];
        stream.Download(largest, violations);

        // NaN where the potentials are: then nothing is proven.
        double most = 0;
        foreach (double violation in violations)
            most = Math.Max(most, violation);
        return most;
    }
}

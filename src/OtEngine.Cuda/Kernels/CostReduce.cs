using System.Numerics;
using System.Runtime.InteropServices;
using OtEngine.Backends;
using OtEngine.Cpu;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Kernels;

/// <summary><c>ot::cost_reduce_arguments</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CostReduceArguments
{
    public DeviceTable Problems;
    public ulong Least;
    public ulong Largest;
    public ulong Means;
}

/// <summary>The verb CostReduce: rows by kernels/cost_matrix.cu, and those few numbers on the host. A grid's costs are few to begin with.</summary>
internal static class CostReduce
{
    private const int RowsOfABlock = Tuning.CostThreads / 32;
    private static readonly KernelEntry<CostReduceArguments> Entry = new("cost_matrix", "ot_cost_reduce", Tuning.CostThreads);

    public static void Run<T>(CudaRuntime runtime, CudaTable<T> table, Span<CostStatistics> statistics, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // One row of the table for each geometry that is not a grid.
        List<int> chosen = [];
        for (int k = 0; k < statistics.Length; k++)
        {
            if (table.Table.Geometries[k] is GridGeometry<T> grid)
                statistics[k] = GridCostReduce.Run(grid.AxisCosts, execution.Cancellation);
            else if (table.FirstRowOn(k) is int row and >= 0)
                chosen.Add(row);
        }

        if (chosen.Count == 0)
            return;
        execution.Cancellation.ThrowIfCancellationRequested();
        long count = table.Table.PotentialCount;
        using CudaBuffer<double> least = runtime.Allocate<double>(count);
        using CudaBuffer<double> largest = runtime.Allocate<double>(count);
        using CudaBuffer<double> means = runtime.Allocate<double>(count);
        using StreamLease lease = runtime.Rent();
        CudaStream stream = lease.Stream;
        using Tiles tiles = table.TilesOf(stream, CollectionsMarshal.AsSpan(chosen), row => Tiles.Of(row.Rows, RowsOfABlock));
        CostReduceArguments arguments = new() { Problems = tiles.Table, Least = least.Address, Largest = largest.Address, Means = means.Address };
        Entry.Launch<T>(runtime, stream, tiles.Total, arguments);
        foreach (int row in chosen)
        {
            ProblemRow problem = table.Table.Rows[row];
            double[] low = new double[problem.Rows];
            double[] high = new double[problem.Rows];
            double[] shares = new double[problem.Rows];
            stream.Download(least, low, problem.PotentialsA);
            stream.Download(largest, high, problem.PotentialsA);
            stream.Download(means, shares, problem.PotentialsA);
            CompensatedSum mean = default;
            foreach (double share in shares)
                mean.Add(share);
            statistics[problem.Geometry] = new CostStatistics(low.Min(), high.Max(), mean.Value);
        }
    }
}

using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// The verb CostReduce on a grid: extremes and mean magnitude of sums over axes, from the axes. Where the costs have one sign the mean of
/// the sum is the sum of the means. Else the axes are split in two groups, the sums over one are sorted, and for each sum x over the
/// other the mean of |x + y| is read off the running means: about cells log cells operations, not cells squared.
/// </summary>
internal static class GridCostReduce
{
    public static CostStatistics Run(double[][] axisCosts, CancellationToken cancellation)
    {
        double least = 0;
        double largest = 0;
        CompensatedSum mean = default;
        foreach (double[] costs in axisCosts)
        {
            least += TensorPrimitives.Min<double>(costs);
            largest += TensorPrimitives.Max<double>(costs);
            foreach (double cost in costs)
                mean.Add(cost / costs.Length);
        }

        double magnitude = least >= 0 || largest <= 0 ? Math.Abs(mean.Value) : MeanMagnitude(axisCosts, cancellation);
        return new CostStatistics(least, largest, magnitude);
    }

    private static double MeanMagnitude(double[][] axisCosts, CancellationToken cancellation)
    {
        if (axisCosts.Length == 1)
        {
            CompensatedSum magnitude = default;
            foreach (double cost in axisCosts[0])
                magnitude.Add(Math.Abs(cost) / axisCosts[0].Length);
            return magnitude.Value;
        }

        // The largest axis alone, or with those after it while the group stays the smaller one.
        double[][] axes = [.. axisCosts.OrderByDescending(costs => costs.Length)];
        double[] sorted = [.. axes[0]];
        int next = 1;
        for (long rest = axes.Skip(1).Aggregate(1L, (product, costs) => product * costs.Length); next < axes.Length; next++)
        {
            rest /= axes[next].Length;
            if ((long)sorted.Length * axes[next].Length > Math.Max(rest, 1))
                break;
            sorted = [.. from x in sorted from y in axes[next] select x + y];
        }

        Array.Sort(sorted);
        double[] below = new double[sorted.Length + 1];
        CompensatedSum running = default;
        for (int k = 0; k < sorted.Length; k++)
        {
            running.Add(sorted[k] / sorted.Length);
            below[k + 1] = running.Value;
        }

        return MeanOver(axes.AsSpan(next), 0, sorted, below, cancellation);
    }

    /// <summary>The mean of |x + y| over the y that are sorted and the x that are x so far plus one cost of each axis left.</summary>
    private static double MeanOver(ReadOnlySpan<double[]> axes, double x, double[] sorted, double[] below, CancellationToken cancellation)
    {
        if (axes.IsEmpty)
        {
            int place = Array.BinarySearch(sorted, -x);
            int fewer = place < 0 ? ~place : place;
            double share = ((double)sorted.Length - (2.0 * fewer)) / sorted.Length;
            return (x * share) + (below[^1] - (2 * below[fewer]));
        }

        cancellation.ThrowIfCancellationRequested();
        CompensatedSum mean = default;
        foreach (double cost in axes[0])
            mean.Add(MeanOver(axes[1..], x + cost, sorted, below, cancellation) / axes[0].Length);
        return mean.Value;
    }
}

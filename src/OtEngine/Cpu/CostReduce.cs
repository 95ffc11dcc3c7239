using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OtEngine.Backends;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>The verb CostReduce: least and largest cost and mean magnitude of a geometry, over all pairs of atoms, in double.</summary>
internal static class CostReduce
{
    private const int PartRows = 64;

    public static CostStatistics Run<T>(Geometry<T> geometry, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        User user = new(execution);
        int[] sources = [.. Enumerable.Range(0, geometry.Rows)];
        int[] sinks = [.. Enumerable.Range(0, geometry.Columns)];
        new CostRowsFactory<T>().Use(geometry, sources, sinks, 0, ref user, execution.Cancellation);
        return user.Statistics;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Least, double Largest, double Sum) Row<TRows>(TRows rows, int i)
        where TRows : struct, ICostRows
    {
        int width = Vector512<double>.Count;
        int whole = rows.Columns / width * width;
        Vector512<double> least = Vector512.Create(double.PositiveInfinity);
        Vector512<double> largest = Vector512.Create(double.NegativeInfinity);
        Vector512<double> sum = Vector512<double>.Zero;
        for (int j = 0; j < whole; j += width)
        {
            Vector512<double> cost = rows.Load(i, j);
            least = Vector512.Min(least, cost);
            largest = Vector512.Max(largest, cost);
            sum += Vector512.Abs(cost);
        }

        (double low, double high, double total) = (double.PositiveInfinity, double.NegativeInfinity, Vector512.Sum(sum));
        for (int lane = 0; lane < width; lane++)
            (low, high) = (Math.Min(low, least[lane]), Math.Max(high, largest[lane]));
        for (int j = whole; j < rows.Columns; j++)
        {
            double cost = rows.Cost(i, j);
            (low, high, total) = (Math.Min(low, cost), Math.Max(high, cost), total + Math.Abs(cost));
        }

        return (low, high, total);
    }

    private struct User(Execution execution) : ICostRowsUser
    {
        public CostStatistics Statistics;

        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            int parts = (rows.Rows + PartRows - 1) / PartRows;
            CostStatistics[] found = new CostStatistics[parts];
            bool large = (long)rows.Rows * rows.Columns >= TableLoop.SpreadFrom;
            PartLoop.Run(parts, large ? Math.Min(execution.Threads, parts) : 1, new PartTask<TRows>(rows, found, execution.Cancellation));
            execution.Cancellation.ThrowIfCancellationRequested();
            double least = double.PositiveInfinity;
            double largest = double.NegativeInfinity;
            CompensatedSum mean = default;
            foreach (CostStatistics part in found)
            {
                least = Math.Min(least, part.Least);
                largest = Math.Max(largest, part.Largest);
                mean.Add(part.MeanMagnitude);
            }

            Statistics = new CostStatistics(least, largest, mean.Value);
        }
    }

    /// <summary>Means are of the whole, so that no sum of finite costs overflows.</summary>
    private readonly struct PartTask<TRows>(TRows rows, CostStatistics[] found, CancellationToken cancellation) : IPartTask
        where TRows : struct, ICostRows
    {
        public void Run(int part, int lane)
        {
            double least = double.PositiveInfinity;
            double largest = double.NegativeInfinity;
            double mean = 0;
            int end = Math.Min((part + 1) * PartRows, rows.Rows);
            for (int i = part * PartRows; i < end && !cancellation.IsCancellationRequested; i++)
            {
                (double low, double high, double sum) = Row(rows, i);
                least = Math.Min(least, low);
                largest = Math.Max(largest, high);
                mean += sum / rows.Columns / rows.Rows;
            }

            found[part] = new CostStatistics(least, largest, mean);
        }
    }
}

using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>What <see cref="SlicedCost"/> does along one direction, and the memory of one lane that it works in.</summary>
internal sealed class SlicedLane<T>(int largestA, int largestB)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Points that are projected together: their sums stay in the first cache over all coordinates.</summary>
    private const int Block = 1024;

    private readonly T[] _positions = new T[Math.Max(largestA, largestB)];
    private readonly T[] _sortedA = new T[largestA];
    private readonly T[] _sortedB = new T[largestB];
    private readonly int[] _orderA = new int[largestA];
    private readonly int[] _orderB = new int[largestB];

    public void Run(in SlicedRow row, int direction, double order, SlicedBuffers<T> buffers)
    {
        ReadOnlySpan<T> axis = Host(buffers.Directions).Span(row.FirstDirection + ((long)direction * row.Dimension), row.Dimension);
        Sort(row.A, axis, direction, buffers, _sortedA, _orderA);
        if (row.B.Count == 0)
        {
            long place = row.A.Sorted + ((long)direction * row.A.Count);
            Host(buffers.Sorted!).CopyFrom(_sortedA.AsSpan(0, row.A.Count), place);
            Host(buffers.SortedOrders!).CopyFrom(_orderA.AsSpan(0, row.A.Count), place);
            return;
        }

        Sort(row.B, axis, direction, buffers, _sortedB, _orderB);
        Span<double> slopesA = Slopes(row.A, direction, buffers);
        Span<double> slopesB = Slopes(row.B, direction, buffers);
        double cost = row.IsOneToOne
            ? RankByRank(row.A.Count, row.Unit, order, slopesA, slopesB)
            : Walk(row, Masses(row.A, buffers), Masses(row.B, buffers), order, slopesA, slopesB);
        Host(buffers.Costs).Span(row.Costs + direction, 1)[0] = cost;
    }

    private static HostBuffer<TElement> Host<TElement>(BackendBuffer<TElement> buffer)
        where TElement : unmanaged => (HostBuffer<TElement>)buffer;

    private static ReadOnlySpan<long> Masses(in SlicedSide side, SlicedBuffers<T> buffers) =>
        side.Masses < 0 ? default : Host(buffers.Masses).Span(side.Masses, side.Count);

    private static Span<double> Slopes(in SlicedSide side, int direction, SlicedBuffers<T> buffers)
    {
        if (side.Slopes < 0)
            return default;
        Span<double> slopes = Host(buffers.Slopes!).Span(side.Slopes + ((long)direction * side.Count), side.Count);
        slopes.Clear();
        return slopes;
    }

    /// <summary>|d|^p, and p |d|^(p-1) sign d.</summary>
    private static double Power(double d, double p, out double slope)
    {
        double distance = Math.Abs(d);
        if (p == 1)
        {
            slope = d == 0 ? 0 : Math.CopySign(1, d);
            return distance;
        }

        if (p == 2)
        {
            slope = 2 * d;
            return d * d;
        }

        double power = Math.Pow(distance, p);
        slope = d == 0 ? 0 : Math.CopySign(p * (power / distance), d);
        return power;
    }

    private void Sort(in SlicedSide side, ReadOnlySpan<T> axis, int direction, SlicedBuffers<T> buffers, T[] sorted, int[] order)
    {
        int count = side.Count;
        long place = (long)direction * count;
        if (side.IsSorted != 0)
        {
            Host(buffers.Sorted!).CopyTo(sorted.AsSpan(0, count), side.Sorted + place);
            Host(buffers.SortedOrders!).CopyTo(order.AsSpan(0, count), side.Sorted + place);
        }
        else
        {
            HostBuffer<T> points = Host(buffers.Points);
            for (int first = 0; first < count; first += Block)
            {
                Span<T> sums = _positions.AsSpan(first, Math.Min(Block, count - first));
                sums.Clear();
                for (int k = 0; k < axis.Length; k++)
                    TensorPrimitives.FusedMultiplyAdd(points.Span(side.Points + ((long)k * count) + first, sums.Length), axis[k], sums, sums);
            }

            RadixSort.Sort<T>(_positions.AsSpan(0, count), sorted.AsSpan(0, count), order.AsSpan(0, count));
        }

        if (side.Orders >= 0)
            Host(buffers.Orders!).CopyFrom(order.AsSpan(0, count), side.Orders + place);
    }

    /// <summary>Atoms of one unit each, as many on both sides. Powers are weighted before they are added, so that a sum overflows only where the cost does.</summary>
    private double RankByRank(int count, double unit, double p, Span<double> slopesA, Span<double> slopesB)
    {
        CompensatedSum sum = default;
        for (int k = 0; k < count; k++)
        {
            sum.AddProduct(Power(double.CreateTruncating(_sortedA[k]) - double.CreateTruncating(_sortedB[k]), p, out double slope), unit);
            if (!slopesA.IsEmpty)
                slopesA[_orderA[k]] = slope * unit;
            if (!slopesB.IsEmpty)
                slopesB[_orderB[k]] = -slope * unit;
        }

        return sum.Value;
    }

    /// <summary>The k-th unit of mass from the left of a meets the k-th of b. Sides have equal totals of units, so that both end together.</summary>
    private double Walk(in SlicedRow row, ReadOnlySpan<long> massesA, ReadOnlySpan<long> massesB, double p, Span<double> slopesA, Span<double> slopesB)
    {
        CompensatedSum sum = default;
        int k = -1;
        int l = -1;
        long restA = 0;
        long restB = 0;
        while (true)
        {
            while (restA == 0 && ++k < row.A.Count)
                restA = massesA.IsEmpty ? row.A.Mass : massesA[_orderA[k]];
            while (restB == 0 && ++l < row.B.Count)
                restB = massesB.IsEmpty ? row.B.Mass : massesB[_orderB[l]];
            if (restA == 0 || restB == 0)
                return sum.Value;
            long units = Math.Min(restA, restB);
            restA -= units;
            restB -= units;
            double mass = units * row.Unit;
            sum.AddProduct(Power(double.CreateTruncating(_sortedA[k]) - double.CreateTruncating(_sortedB[l]), p, out double slope), mass);
            if (!slopesA.IsEmpty)
                slopesA[_orderA[k]] += slope * mass;
            if (!slopesB.IsEmpty)
                slopesB[_orderB[l]] -= slope * mass;
        }
    }
}

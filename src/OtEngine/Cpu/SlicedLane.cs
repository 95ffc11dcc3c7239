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
    private readonly SpreadSort _sort = new();
    private readonly SlicedMatch _match = new(largestA, largestB);

    public void Run(in SlicedRow row, int direction, double order, SlicedBuffers<T> buffers)
    {
        ReadOnlySpan<T> axis = Host(buffers.Directions).Span(row.FirstDirection + ((long)direction * row.Dimension), row.Dimension);
        bool isAlone = row.B.Count == 0;
        Sort(row.A, isAlone, axis, direction, buffers, _sortedA, _orderA);
        if (isAlone)
        {
            long place = row.A.Sorted + ((long)direction * row.A.Count);
            Host(buffers.Sorted!).CopyFrom(_sortedA.AsSpan(0, row.A.Count), place);
            Host(buffers.SortedOrders!).CopyFrom(_orderA.AsSpan(0, row.A.Count), place);
            return;
        }

        Sort(row.B, isAlone, axis, direction, buffers, _sortedB, _orderB);
        SlicedLine<T> a = Line(row.A, direction, buffers, _sortedA, _orderA);
        SlicedLine<T> b = Line(row.B, direction, buffers, _sortedB, _orderB);
        double cost = row.IsOneToOne ? _match.Ranks(a, b, row.Unit, order) : _match.Pieces(a, b, row.Unit, order);
        Host(buffers.Costs).Span(row.Costs + direction, 1)[0] = cost;
    }

    private static HostBuffer<TElement> Host<TElement>(BackendBuffer<TElement> buffer)
        where TElement : unmanaged => (HostBuffer<TElement>)buffer;

    private static SlicedLine<T> Line(in SlicedSide side, int direction, SlicedBuffers<T> buffers, T[] sorted, int[] order) => new()
    {
        Positions = sorted.AsSpan(0, side.Count),
        Order = order.AsSpan(0, side.Count),
        Masses = side.Masses < 0 ? default : Host(buffers.Masses).Span(side.Masses, side.Count),
        Mass = side.Mass,
        Slopes = Slopes(side, direction, buffers),
    };

    private static Span<double> Slopes(in SlicedSide side, int direction, SlicedBuffers<T> buffers)
    {
        if (side.Slopes < 0)
            return default;
        Span<double> slopes = Host(buffers.Slopes!).Span(side.Slopes + ((long)direction * side.Count), side.Count);
        slopes.Clear();
        return slopes;
    }

    private void Sort(in SlicedSide side, bool isAlone, ReadOnlySpan<T> axis, int direction, SlicedBuffers<T> buffers, T[] sorted, int[] order)
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

            if (isAlone || side.Masses >= 0 || side.Orders >= 0 || side.Slopes >= 0)
                _sort.Sort<T>(_positions.AsSpan(0, count), sorted.AsSpan(0, count), order.AsSpan(0, count));
            else
                _sort.Sort<T>(_positions.AsSpan(0, count), sorted.AsSpan(0, count));
        }

        if (side.Orders >= 0)
            Host(buffers.Orders!).CopyFrom(order.AsSpan(0, count), side.Orders + place);
    }
}

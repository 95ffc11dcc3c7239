using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// SoftMin at eps = 0 from any points to one fixed cloud: min_j c(x, y_j) + shift_j. The cloud is laid out once, for many
/// evaluations. Memory: d (m + 8) doubles, and while it runs about 2^20 doubles for the points in work.
/// </summary>
internal sealed class PointSoftMin<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int SlabCoordinates = 1 << 20;
    private const int MinSlabRows = 64;

    private readonly Cost _cost;
    private readonly int _dimension;
    private readonly int[] _atoms;
    private readonly double[] _columns;
    private readonly double[] _shift;

    /// <param name="cost">The ground cost.</param>
    /// <param name="cloud">Coordinates, row-major.</param>
    /// <param name="dimension">d.</param>
    /// <param name="shift">One value a point of the cloud; those at positive infinity are left out.</param>
    public PointSoftMin(Cost cost, ReadOnlySpan<T> cloud, int dimension, double[] shift)
    {
        _cost = cost;
        _dimension = dimension;
        _atoms = [.. Enumerable.Range(0, shift.Length).Where(j => !double.IsPositiveInfinity(shift[j]))];
        _shift = Array.ConvertAll(_atoms, j => shift[j]);
        int stride = PointCostRows<SquaredEuclideanCost>.Stride(_atoms.Length);
        _columns = new double[Sizes.Product("The points in double", stride, dimension, "use fewer points or coordinates")];
        for (int k = 0; k < _atoms.Length; k++)
            PointCoordinates.Copy(cloud.Slice(_atoms[k] * dimension, dimension), _columns.AsSpan(k), stride, cost.Kind == CostKind.Cosine);
    }

    /// <summary>Evaluates at points that have been validated.</summary>
    /// <param name="points">Coordinates, row-major.</param>
    /// <param name="minima">Receives one value a point; empty if not wanted.</param>
    /// <param name="atoms">Receives the lowest index in the cloud that attains each minimum; empty if not wanted.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public void Evaluate(ReadOnlySpan<T> points, Span<double> minima, Span<int> atoms, Execution execution)
    {
        int count = points.Length / _dimension;
        int slab = Math.Min(count, Math.Max(SlabCoordinates / _dimension, MinSlabRows));
        SlabUser user = new(this, new double[slab * _dimension], new double[slab], atoms.IsEmpty ? null : new int[slab], execution);
        for (int first = 0; first < count; first += user.Count)
        {
            user.Count = Math.Min(slab, count - first);
            for (int k = 0; k < user.Count; k++)
            {
                ReadOnlySpan<T> point = points.Slice((first + k) * _dimension, _dimension);
                PointCoordinates.Copy(point, user.Points.AsSpan(k * _dimension), 1, _cost.Kind == CostKind.Cosine);
            }

            GroundCosts.Use(_cost, ref user);
            if (!minima.IsEmpty)
                user.Minima.AsSpan(0, user.Count).CopyTo(minima[first..]);
            for (int k = 0; user.Places is not null && k < user.Count; k++)
                atoms[first + k] = _atoms[user.Places[k]];
        }
    }

    private struct SlabUser(PointSoftMin<T> owner, double[] points, double[] minima, int[]? places, Execution execution) : IGroundCostUser
    {
        public readonly double[] Points = points;
        public readonly double[] Minima = minima;
        public readonly int[]? Places = places;
        public int Count;

        public readonly void Use<TCost>(TCost cost)
            where TCost : struct, IGroundCost
        {
            PointCostRows<TCost> rows = new(cost, Points, owner._columns, Count, owner._shift.Length, owner._dimension);
            SoftMin.Rows(rows, owner._dimension, owner._shift, Minima, Places, execution);
        }
    }
}

using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// Soft and hard c-transforms of a separable cost, one axis after the other by <see cref="GridSoftMin"/>, in memory it keeps: work of
/// cells times the sum of the axis lengths. All in powers of two: values are potential log2 e / eps + log2 weight, results the logarithms
/// of the sums. Axes along which the side of the answer is shorter come first, so that nothing on the way is larger than the larger side.
/// A backend with memory of its own overrides the transforms, and the verbs on grids are the same there.
/// </summary>
/// <remarks>In bounds: a side's vectors hold <see cref="LengthA"/> or <see cref="LengthB"/> doubles, its cells rounded up to whole vectors.</remarks>
internal unsafe class GridTransform : IDisposable
{
    private readonly ScratchBuffer<double> _arrays = new();
    private readonly ScratchBuffer<double> _tiles = new();
    private readonly Dictionary<(int Axis, bool ToA, GridAxisUse Use), GridAxis> _axes = [];
    private double[][] _costs = [];
    private int[] _shapeA = [];
    private int[] _shapeB = [];
    private int[] _shape = [];
    private int[] _orderToA = [];
    private int[] _orderToB = [];
    private int _lanes;

    /// <summary>Bytes of native memory held.</summary>
    public long HeldBytes
    {
        get
        {
            long bytes = _arrays.Bytes + _tiles.Bytes;
            foreach (GridAxis axis in _axes.Values)
                bytes += axis.HeldBytes;
            return bytes;
        }
    }

    /// <summary>Doubles of a vector of side a.</summary>
    public int LengthA { get; private set; }

    /// <summary>Doubles of a vector of side b.</summary>
    public int LengthB { get; private set; }

    /// <summary>The sum over the axes of their least costs, which <see cref="WithCosts"/> takes out.</summary>
    public double LeastCost { get; private set; }

    /// <summary>The sum over the axes of their largest magnitudes of a cost.</summary>
    public double LargestMagnitude { get; private set; }

    /// <summary>Axes of the grid.</summary>
    public int Axes => _costs.Length;

    /// <summary>Terms of all sums that a soft transform takes for one value.</summary>
    public long Terms { get; private set; }

    /// <summary>log2 e / eps of the soft transforms.</summary>
    public double Scale { get; set; }

    public virtual void Dispose()
    {
        foreach (GridAxis axis in _axes.Values)
            axis.Dispose();
        _arrays.Dispose();
        _tiles.Dispose();
    }

    /// <summary>Takes the costs of a grid.</summary>
    /// <param name="costs">For each axis its costs; the same object always has the same shapes and numbers.</param>
    /// <param name="shapeA">Cells along each axis.</param>
    /// <param name="shapeB">Cells along each axis.</param>
    /// <param name="lanes">Threads.</param>
    public void Take(double[][] costs, ImmutableArray<int> shapeA, ImmutableArray<int> shapeB, int lanes)
    {
        _lanes = lanes;
        if (ReferenceEquals(_costs, costs))
            return;
        _costs = costs;
        _shapeA = ImmutableCollectionsMarshal.AsArray(shapeA)!;
        _shapeB = ImmutableCollectionsMarshal.AsArray(shapeB)!;
        _shape = new int[costs.Length];
        _orderToA = Order(_shapeB, _shapeA);
        _orderToB = Order(_shapeA, _shapeB);
        LengthA = RoundUp(_shapeA.Aggregate(1, (cells, length) => cells * length));
        LengthB = RoundUp(_shapeB.Aggregate(1, (cells, length) => cells * length));
        LeastCost = costs.Sum(axis => TensorPrimitives.Min<double>(axis));
        LargestMagnitude = costs.Sum(axis => Math.Abs(TensorPrimitives.MaxMagnitude<double>(axis)));
        Terms = _shapeA.Sum(length => (long)length) + _shapeB.Sum(length => (long)length);
    }

    /// <summary>result_i = log2 sum_j 2^(values_j - C_ij Scale), or the other way round.</summary>
    /// <param name="toA">Whether sums are over side b, with results at side a.</param>
    /// <param name="values">By cell of the side summed over.</param>
    /// <param name="results">By cell of the other side; not the values.</param>
    /// <param name="cancellation">Watched throughout.</param>
    public virtual void Soft(bool toA, double* values, double* results, CancellationToken cancellation) =>
        Chain(toA, GridAxisUse.Soft, values, results, cancellation);

    /// <summary>result_i = max_j (values_j - C_ij), or the other way round.</summary>
    public virtual void Hard(bool toA, double* values, double* results, CancellationToken cancellation) =>
        Chain(toA, GridAxisUse.Hard, values, results, cancellation);

    /// <summary>
    /// At side a, the logarithms of the sums and of the costs in them: sums_i as by <see cref="Soft"/>, and
    /// costs_i = log2 sum_j (C_ij - LeastCost) 2^(values_j - C_ij Scale). By the rule of products: the costs of the axes so far go through
    /// the next axis as they are, and those of the next axis are taken of the sums so far.
    /// </summary>
    public virtual void WithCosts(double* values, double* sums, double* costs, CancellationToken cancellation)
    {
        int size = Math.Max(LengthA, LengthB);
        double* memory = _arrays.Take(5L * size);
        double* sumsSoFar = values;
        double* costsSoFar = memory;
        _shapeB.CopyTo(_shape, 0);
        for (int step = 0; step < _orderToA.Length; step++)
        {
            int axis = _orderToA[step];
            bool last = step == _orderToA.Length - 1;
            double* nextSums = last ? sums : memory + ((1L + (step & 1)) * size);
            double* nextCosts = last ? costs : memory + ((3L + (step & 1)) * size);
            Along(axis, true, GridAxisUse.Weighted, sumsSoFar, nextCosts, cancellation);
            Along(axis, true, GridAxisUse.Soft, sumsSoFar, nextSums, cancellation);
            if (step > 0)
                Along(axis, true, GridAxisUse.Soft, costsSoFar, memory, cancellation);
            _shape[axis] = _shapeA[axis];
            if (step > 0)
                GridRows.AddExponents(memory, nextCosts, RoundUp(Cells(_shape)));
            sumsSoFar = nextSums;
            costsSoFar = nextCosts;
        }
    }

    /// <summary>sum_ij x_i C_ij y_j, from the marginals of x and y along each axis.</summary>
    public double ProductCost(double* x, double* y)
    {
        CompensatedSum cost = default;
        for (int axis = 0; axis < _costs.Length; axis++)
        {
            double[] alongA = Marginal(x, _shapeA, axis);
            double[] alongB = Marginal(y, _shapeB, axis);
            for (int k = 0; k < _costs[axis].Length; k++)
                cost.AddProduct(_costs[axis][k], alongA[k / alongB.Length] * alongB[k % alongB.Length]);
        }

        return cost.Value;
    }

    private static double[] Marginal(double* values, int[] shape, int axis)
    {
        CompensatedSum[] sums = new CompensatedSum[shape[axis]];
        int inner = Cells(shape.AsSpan(axis + 1));
        int cells = Cells(shape);
        for (int cell = 0; cell < cells; cell++)
            sums[cell / inner % sums.Length].Add(values[cell]);
        return Array.ConvertAll(sums, sum => sum.Value);
    }

    private static int RoundUp(int cells) => checked(cells + 7) / 8 * 8;

    private static int Cells(ReadOnlySpan<int> shape)
    {
        int cells = 1;
        foreach (int length in shape)
            cells *= length;
        return cells;
    }

    /// <summary>Axes that shrink, then axes that grow.</summary>
    public static int[] Order(int[] from, int[] to) => [.. Enumerable.Range(0, from.Length).OrderBy(axis => to[axis] > from[axis])];

    private void Chain(bool toA, GridAxisUse use, double* values, double* results, CancellationToken cancellation)
    {
        int size = Math.Max(LengthA, LengthB);
        double* memory = _arrays.Take(2L * size);
        double* soFar = values;
        (toA ? _shapeB : _shapeA).CopyTo(_shape, 0);
        int[] order = toA ? _orderToA : _orderToB;
        for (int step = 0; step < order.Length; step++)
        {
            double* next = step == order.Length - 1 ? results : memory + ((step & 1) * (long)size);
            Along(order[step], toA, use, soFar, next, cancellation);
            _shape[order[step]] = (toA ? _shapeA : _shapeB)[order[step]];
            soFar = next;
        }
    }

    /// <summary>One axis of an array of the shape so far.</summary>
    private void Along(int axis, bool toA, GridAxisUse use, double* source, double* destination, CancellationToken cancellation)
    {
        if (!_axes.TryGetValue((axis, toA, use), out GridAxis? matrix))
            _axes.Add((axis, toA, use), matrix = new GridAxis());
        matrix.Read(_costs[axis], _shapeA[axis], transposed: !toA, use == GridAxisUse.Hard ? 1 : Scale, use, cancellation);
        int outer = Cells(_shape.AsSpan(0, axis));
        int inner = Cells(_shape.AsSpan(axis + 1));
        ReadOnlySpan<double> from = new(source, outer * matrix.Inputs * inner);
        Span<double> to = new(destination, outer * matrix.Outputs * inner);
        GridSoftMin.Run(matrix, from, to, outer, inner, _tiles, _lanes, cancellation);
        cancellation.ThrowIfCancellationRequested();
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace OtEngine;

/// <summary>
/// A separable cost on regular grids: C[(i_1 .. i_k), (j_1 .. j_k)] = sum over axes of c_axis[i_axis, j_axis]. Atoms are the cells in
/// row-major order, the last axis fastest, as an image is flattened. The matrix is never formed by entropic solvers, whose work is
/// cells times the sum of the axis lengths; memory is linear in the cells, and one small cost matrix an axis.
/// </summary>
/// <remarks>The costs of a pair are added up in the order of the axes, in double.</remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class GridGeometry<T> : Geometry<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Most axes of a grid.</summary>
    public const int MostAxes = 8;

    /// <summary>Both sides on one grid: C = sum over axes of (spacing |i - j|)^exponent.</summary>
    /// <param name="shape">Cells along each axis, at least 1; up to <see cref="MostAxes"/> axes.</param>
    /// <param name="spacing">Distance of neighbouring cells along every axis, positive.</param>
    /// <param name="exponent">Positive; 2, the default, is the squared Euclidean cost, 1 the Manhattan cost.</param>
    /// <exception cref="ProblemException">No axes or too many, an empty axis, too large, or a spacing or exponent out of range.</exception>
    public GridGeometry(ReadOnlySpan<int> shape, double spacing = 1, double exponent = 2)
        : this(shape, Repeated(shape.Length, spacing), exponent)
    {
    }

    /// <summary>Both sides on one grid: C = sum over axes of (spacing_axis |i - j|)^exponent.</summary>
    /// <param name="shape">Cells along each axis, at least 1; up to <see cref="MostAxes"/> axes.</param>
    /// <param name="spacings">Distance of neighbouring cells along each axis, positive.</param>
    /// <param name="exponent">Positive; 2, the default, is the squared Euclidean cost, 1 the Manhattan cost.</param>
    /// <exception cref="ProblemException">No axes or too many, an empty axis, too large, or a spacing or exponent out of range.</exception>
    public GridGeometry(ReadOnlySpan<int> shape, ReadOnlySpan<double> spacings, double exponent = 2)
        : base(Cells(shape), Cells(shape))
    {
        if (spacings.Length != shape.Length)
            Throw.ShapeMismatch("The spacings", spacings.Length, shape.Length, "one an axis");
        if (!(exponent > 0 && double.IsFinite(exponent)))
            Throw.OutOfRange("The exponent of the grid", exponent, "positive and finite");
        for (int axis = 0; axis < shape.Length; axis++)
        {
            _ = Sizes.Product(CostsOf(axis), shape[axis], shape[axis], "split the axis in two");
            if (!(spacings[axis] > 0 && double.IsFinite(spacings[axis])))
                Throw.OutOfRange($"spacings[{Text(axis)}]", spacings[axis], "positive and finite");
        }

        double[][] costs = new double[shape.Length][];
        for (int axis = 0; axis < costs.Length; axis++)
            costs[axis] = Regular(shape[axis], spacings[axis], exponent);
        ShapeA = [.. shape];
        ShapeB = ShapeA;
        AxisCosts = costs;
        RequireFiniteSums(costs);
        MetricPower = exponent >= 1 ? exponent : null;
    }

    /// <summary>Any costs along the axes, copied; the two sides may be grids of different shapes.</summary>
    /// <param name="axisCosts">For each axis finite costs, one row a cell of side a, one column a cell of side b along that axis.</param>
    /// <param name="metricPower">q where the sum is the q-th power of a metric, at least 1; null where it is not.</param>
    /// <exception cref="ProblemException">No axes or too many, an empty axis, too large, costs or sums of them that are not finite.</exception>
    public GridGeometry(IReadOnlyList<T[,]> axisCosts, double? metricPower = null)
        : this(Held(axisCosts), metricPower)
    {
    }

    private GridGeometry(T[][,] axisCosts, double? metricPower)
        : base(Cells(Lengths(axisCosts, 0)), Cells(Lengths(axisCosts, 1)))
    {
        if (metricPower is { } q && !(q >= 1 && double.IsFinite(q)))
            Throw.OutOfRange("The metric power", q, "at least 1 and finite, or null");
        ShapeA = [.. Lengths(axisCosts, 0)];
        ShapeB = [.. Lengths(axisCosts, 1)];
        AxisCosts = new double[axisCosts.Length][];
        for (int axis = 0; axis < AxisCosts.Length; axis++)
        {
            T[] costs = Matrix.Copy(axisCosts[axis], CostsOf(axis));
            Validate.Finite(CostsOf(axis), costs);
            AxisCosts[axis] = Array.ConvertAll(costs, double.CreateTruncating);
        }

        RequireFiniteSums(AxisCosts);
        MetricPower = metricPower;
    }

    /// <summary>Cells along each axis of side a.</summary>
    public ImmutableArray<int> ShapeA { get; }

    /// <summary>Cells along each axis of side b.</summary>
    public ImmutableArray<int> ShapeB { get; }

    /// <inheritdoc/>
    public override double? MetricPower { get; }

    /// <summary>The costs of each axis, row-major, one row a cell of side a.</summary>
    internal double[][] AxisCosts { get; }

    private static string CostsOf(int axis) => $"The costs of axis {Text(axis)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Cells(ReadOnlySpan<int> shape)
    {
        if (shape.Length is 0 or > MostAxes)
            Throw.OutOfRange("The number of axes", shape.Length, $"1 to {Text(MostAxes)}");
        BigInteger cells = 1;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (shape[axis] < 1)
                Throw.OutOfRange($"The length of axis {Text(axis)}", shape[axis], "at least 1");
            cells *= shape[axis];
        }

        if (cells > Array.MaxLength)
            Throw.TooLarge("The grid", cells.ToString(CultureInfo.InvariantCulture), "use a coarser grid");
        return (int)cells;
    }

    /// <summary>The matrices as they are now: a list may change while it is read, the shape of an array cannot.</summary>
    private static T[][,] Held(IReadOnlyList<T[,]> axisCosts)
    {
        ArgumentNullException.ThrowIfNull(axisCosts);
        if (axisCosts.Count > MostAxes)
            Throw.OutOfRange("The number of axes", axisCosts.Count, $"1 to {Text(MostAxes)}");
        T[][,] held = [.. axisCosts];
        foreach (T[,] costs in held)
            ArgumentNullException.ThrowIfNull(costs, nameof(axisCosts));
        return held;
    }

    private static int[] Lengths(T[][,] axisCosts, int dimension) => Array.ConvertAll(axisCosts, costs => costs.GetLength(dimension));

    private static double[] Repeated(int count, double value)
    {
        if (count is 0 or > MostAxes)
            Throw.OutOfRange("The number of axes", count, $"1 to {Text(MostAxes)}");
        double[] repeated = new double[count];
        Array.Fill(repeated, value);
        return repeated;
    }

    private static double[] Regular(int length, double spacing, double exponent)
    {
        double[] byDistance = new double[length];
        for (int step = 0; step < length; step++)
        {
            double distance = spacing * step;
            byDistance[step] = exponent switch { 1 => distance, 2 => distance * distance, _ => Math.Pow(distance, exponent) };
        }

        double[] costs = new double[length * length];
        for (int k = 0; k < costs.Length; k++)
            costs[k] = byDistance[Math.Abs((k / length) - (k % length))];
        return costs;
    }

    private static void RequireFiniteSums(double[][] axisCosts)
    {
        double largest = 0;
        foreach (double[] costs in axisCosts)
            largest += costs.Max(Math.Abs);
        if (!double.IsFinite(largest))
            Throw.OutOfRange("The sum over axes of the largest cost", largest, "finite; scale the costs down");
    }
}

using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>
/// Two clouds of points and a ground cost: C[i, j] = c(x_i, y_j), computed on the fly. The matrix is stored only while
/// a solver runs, only where that is faster, and only within <see cref="EngineOptions.CostMatrixBudget"/>.
/// Memory: (n + m) d elements.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class PointCloudGeometry<T> : Geometry<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Wraps row-major points (one point a row) without copying; do not change them while the geometry is in use.</summary>
    /// <param name="x">n x d finite coordinates of side a.</param>
    /// <param name="y">m x d finite coordinates of side b.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="cost">The ground cost.</param>
    /// <exception cref="ProblemException">Empty, mismatched, not finite, or a zero point under the cosine cost.</exception>
    public PointCloudGeometry(T[] x, T[] y, int dimension, Cost cost)
        : base(PointCount(x, dimension, "x"), PointCount(y, dimension, "y"))
    {
        Validate.Finite("x", x);
        Validate.Finite("y", y);
        if (cost.Kind == CostKind.Cosine)
        {
            RequireDirections(x, dimension, "x");
            RequireDirections(y, dimension, "y");
        }

        X = x;
        Y = y;
        Dimension = dimension;
        Cost = cost;
    }

    /// <summary>Copies two clouds, one point a row.</summary>
    /// <param name="x">n x d finite coordinates; a vector is n points on the line.</param>
    /// <param name="y">m x d finite coordinates.</param>
    /// <param name="cost">The ground cost.</param>
    /// <exception cref="ProblemException">Empty, mismatched dimensions, not finite, or a zero point under the cosine cost.</exception>
    public PointCloudGeometry(in ReadOnlyTensorSpan<T> x, in ReadOnlyTensorSpan<T> y, Cost cost)
        : this(Matrix.Copy(x, "x", out _, out int dimension), Matrix.CopyWithColumns(y, "y", dimension), dimension, cost)
    {
    }

    /// <summary>d, the number of coordinates of a point.</summary>
    public int Dimension { get; }

    /// <summary>The ground cost.</summary>
    public Cost Cost { get; }

    /// <inheritdoc/>
    public override double? MetricPower => Cost.MetricPower;

    internal T[] X { get; }

    internal T[] Y { get; }

    private static int PointCount(T[] points, int dimension, string what)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (dimension < 1)
            Throw.OutOfRange("The dimension of the points", dimension, "at least 1");
        if (points.Length % dimension != 0)
            Throw.ShapeMismatch(what, points.Length, points.Length / dimension * (long)dimension, $"a multiple of the dimension {dimension}");
        return points.Length / dimension;
    }

    internal static void RequireDirections(ReadOnlySpan<T> points, int dimension, string what)
    {
        for (int i = 0; i < points.Length; i += dimension)
        {
            if (!points.Slice(i, dimension).ContainsAnyExcept(T.Zero))
                Throw.OutOfRange($"The norm of {what}[{i / dimension}]", 0, "positive: the cosine cost is not defined at zero");
        }
    }
}

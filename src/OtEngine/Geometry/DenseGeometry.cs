using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>
/// A stored cost matrix, row-major: C[i, j] is the cost of moving one unit from atom i of side a to atom j of side b.
/// Any finite values, negative ones included. Memory: rows x columns elements, at most <see cref="Array.MaxLength"/>.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class DenseGeometry<T> : Geometry<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Wraps a row-major matrix without copying; do not change it while the geometry is in use.</summary>
    /// <param name="costs">rows x columns finite values.</param>
    /// <param name="rows">Number of sources, at least 1.</param>
    /// <param name="columns">Number of sinks, at least 1.</param>
    /// <param name="metricPower">q where the matrix holds the q-th power of a metric, at least 1; null where it does not.</param>
    /// <exception cref="ProblemException">Empty, mismatched, too large or not finite.</exception>
    public DenseGeometry(T[] costs, int rows, int columns, double? metricPower = null)
        : base(rows, columns)
    {
        ArgumentNullException.ThrowIfNull(costs);
        Sizes.RequirePositive(rows, columns);
        long count = Sizes.Product("The cost matrix", rows, columns, "use points, whose costs are computed on the fly");
        if (costs.Length != count)
            Throw.ShapeMismatch("The cost matrix", costs.Length, count, $"{rows} x {columns}");
        if (metricPower is { } q && !(q >= 1 && double.IsFinite(q)))
            Throw.OutOfRange("The metric power", q, "at least 1 and finite, or null");
        Validate.Finite("cost", costs);
        Costs = costs;
        MetricPower = metricPower;
    }

    /// <summary>Copies a matrix.</summary>
    /// <param name="costs">Finite values, one row a source.</param>
    /// <param name="metricPower">q where the matrix holds the q-th power of a metric, at least 1; null where it does not.</param>
    /// <exception cref="ProblemException">Empty, not a matrix, too large or not finite.</exception>
    public DenseGeometry(in ReadOnlyTensorSpan<T> costs, double? metricPower = null)
        : this(Matrix.Copy(costs, "The cost matrix", out int rows, out int columns), rows, columns, metricPower)
    {
    }

    /// <inheritdoc/>
    public override double? MetricPower { get; }

    internal T[] Costs { get; }
}

using System.Numerics;

namespace OtEngine;

/// <summary>
/// Costs on some arcs only; mass cannot move along the others. Compressed rows: the arcs of source i are
/// <c>rowStarts[i] .. rowStarts[i + 1]</c>, with strictly increasing columns. Memory: one int and one element an arc.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class SparseGeometry<T> : Geometry<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int MostAtoms = int.MaxValue / 4;

    /// <summary>Wraps compressed rows without copying; do not change them while the geometry is in use.</summary>
    /// <param name="rowStarts">rows + 1 offsets, starting at 0, never decreasing, ending at the number of arcs.</param>
    /// <param name="columnIndices">The sink of each arc, strictly increasing within a row.</param>
    /// <param name="costs">The finite cost of each arc.</param>
    /// <param name="columns">Number of sinks, at least 1; with the sources fewer than 2^29.</param>
    /// <exception cref="ProblemException">Empty, mismatched, too many atoms, out of order, out of range or not finite.</exception>
    public SparseGeometry(int[] rowStarts, int[] columnIndices, T[] costs, int columns)
        : base(RowCount(rowStarts), columns)
    {
        ArgumentNullException.ThrowIfNull(columnIndices);
        ArgumentNullException.ThrowIfNull(costs);
        Sizes.RequirePositive(Rows, columns);

        // No array stands behind the number of sinks, and solvers take memory in proportion to it.
        if ((long)Rows + columns > MostAtoms)
            Throw.Problem(ProblemError.TooLarge, FormattableString.Invariant($"{Rows} sources and {columns} sinks are more than {MostAtoms} atoms; split the problem."));
        if (costs.Length != columnIndices.Length)
            Throw.ShapeMismatch("The arc costs", costs.Length, columnIndices.Length, "one an arc");
        if (rowStarts[0] != 0)
            Throw.OutOfRange("rowStarts[0]", rowStarts[0], "0");
        if (rowStarts[^1] != costs.Length)
            Throw.OutOfRange("The last row start", rowStarts[^1], $"the number of arcs, {costs.Length}");
        for (int i = 0; i < Rows; i++)
        {
            if (rowStarts[i + 1] < rowStarts[i] || rowStarts[i + 1] > costs.Length)
                Throw.OutOfRange($"rowStarts[{i + 1}]", rowStarts[i + 1], "never below the one before, never above the number of arcs");
            int previous = -1;
            for (int arc = rowStarts[i]; arc < rowStarts[i + 1]; arc++)
            {
                int j = columnIndices[arc];
                if (j <= previous || j >= columns)
                    Throw.OutOfRange($"columnIndices[{arc}]", j, $"above the one before in its row and below {columns}");
                previous = j;
            }
        }

        Validate.Finite("arc cost", costs);
        RowStarts = rowStarts;
        ColumnIndices = columnIndices;
        Costs = costs;
    }

    /// <summary>Number of arcs.</summary>
    public int ArcCount => Costs.Length;

    /// <inheritdoc/>
    public override double? MetricPower => null;

    internal int[] RowStarts { get; }

    internal int[] ColumnIndices { get; }

    internal T[] Costs { get; }

    private static int RowCount(int[] rowStarts)
    {
        ArgumentNullException.ThrowIfNull(rowStarts);
        if (rowStarts.Length < 2)
            Throw.Empty("Side a");
        return rowStarts.Length - 1;
    }
}

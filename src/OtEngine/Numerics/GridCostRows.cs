using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>
/// Costs of a grid, restricted to some of its cells, as they are read: a sum over axes, in their order. For what needs single costs;
/// transforms work along the axes instead. Memory: one index an axis and a cell.
/// </summary>
internal readonly struct GridCostRows : ICostRows
{
    private readonly double[][] _axisCosts;
    private readonly int[][] _rowStarts;
    private readonly int[][] _columns;

    /// <param name="axisCosts">For each axis its costs, row-major.</param>
    /// <param name="rowStarts">For each axis where the row of each source starts in them.</param>
    /// <param name="columns">For each axis the column of each sink.</param>
    public GridCostRows(double[][] axisCosts, int[][] rowStarts, int[][] columns)
    {
        _axisCosts = axisCosts;
        _rowStarts = rowStarts;
        _columns = columns;
    }

    public int Rows => _rowStarts[0].Length;

    public int Columns => _columns[0].Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Cost(int i, int j)
    {
        double cost = _axisCosts[0][_rowStarts[0][i] + _columns[0][j]];
        for (int axis = 1; axis < _axisCosts.Length; axis++)
            cost += _axisCosts[axis][_rowStarts[axis][i] + _columns[axis][j]];
        return cost;
    }

    public Vector512<double> Load(int i, int j)
    {
        Vector512<double> cost = Row(0, i, j);
        for (int axis = 1; axis < _axisCosts.Length; axis++)
            cost += Row(axis, i, j);
        return cost;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<double> Row(int axis, int i, int j)
    {
        ReadOnlySpan<double> costs = _axisCosts[axis].AsSpan(_rowStarts[axis][i]);
        ReadOnlySpan<int> columns = _columns[axis].AsSpan(j, 8);
        return Vector512.Create(
            costs[columns[0]],
            costs[columns[1]],
            costs[columns[2]],
            costs[columns[3]],
            costs[columns[4]],
            costs[columns[5]],
            costs[columns[6]],
            costs[columns[7]]);
    }
}

using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// The verb SoftMin at eps = 0, the hard c-transform: minima of C_ij + shift_j along one axis. The caller sets
/// shift_j = -g_j on the support and positive infinity off it, so that atoms without mass never attain a minimum. Tiles
/// and their order depend on the shape alone: the same bits for any number of threads.
/// </summary>
internal static class SoftMin
{
    /// <summary>Coordinates of the columns of one tile: 32 KB of doubles, which stay in the first cache from row to row.</summary>
    private const int TileCoordinates = 1 << 12;

    /// <summary>Coordinate differences of one task: long enough to be worth handing to a thread.</summary>
    private const int TaskCoordinates = 1 << 18;

    private const int MinTaskRows = 16;

    /// <summary>Columns of one task of <see cref="Columns"/>: every row gives it a run of 4 KB of doubles.</summary>
    private const int TaskColumns = 512;

    /// <summary>minima_i = min_j (C_ij + shift_j), positive infinity if no term is finite.</summary>
    /// <param name="rows">The costs.</param>
    /// <param name="dimension">Coordinates behind one cost: d of points, 1 of a stored matrix.</param>
    /// <param name="shift">One value a column.</param>
    /// <param name="minima">Receives one value a row.</param>
    /// <param name="columns">Receives the lowest column that attains each minimum, 0 where all terms are infinite; null if not wanted.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public static void Rows<TRows>(in TRows rows, int dimension, double[] shift, double[] minima, int[]? columns, Execution execution)
        where TRows : struct, ICostRows
    {
        int tile = Math.Min(rows.Columns, Math.Max(TileCoordinates / dimension, 64));
        int taskRows = (int)Math.Max(TaskCoordinates / ((long)rows.Columns * dimension), MinTaskRows);
        RowTask<TRows> task = new(rows, tile, taskRows, shift, minima, columns, execution.Cancellation);
        BatchLoop.Run(1 + ((rows.Rows - 1) / taskRows), execution, () => task, static (task, index) => task.Run(index), completes: false);
    }

    /// <summary>minima_j = min_i (C_ij + shift_i), positive infinity if no term is finite.</summary>
    /// <param name="rows">The costs.</param>
    /// <param name="shift">One value a row.</param>
    /// <param name="minima">Receives one value a column.</param>
    /// <param name="execution">Threads and cancellation.</param>
    public static void Columns<TRows>(in TRows rows, double[] shift, double[] minima, Execution execution)
        where TRows : struct, ICostRows
    {
        ColumnTask<TRows> task = new(rows, shift, minima, execution.Cancellation);
        BatchLoop.Run(1 + ((rows.Columns - 1) / TaskColumns), execution, () => task, static (task, index) => task.Run(index), completes: false);
    }

    /// <summary>The same along either axis of a sparse geometry, over its arcs alone; on the calling thread.</summary>
    /// <param name="geometry">The arcs.</param>
    /// <param name="byRow">Whether minima are by row and shifts by column, or the other way round.</param>
    /// <param name="shift">One value a column, or a row.</param>
    /// <param name="minima">Receives one value a row, or a column.</param>
    /// <param name="cancellation">Watched at every row.</param>
    public static void Arcs<T>(SparseGeometry<T> geometry, bool byRow, double[] shift, double[] minima, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        minima.AsSpan().Fill(double.PositiveInfinity);
        for (int i = 0; i < geometry.Rows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int arc = geometry.RowStarts[i]; arc < geometry.RowStarts[i + 1]; arc++)
            {
                int j = geometry.ColumnIndices[arc];
                (int to, int from) = byRow ? (i, j) : (j, i);
                minima[to] = Math.Min(minima[to], double.CreateTruncating(geometry.Costs[arc]) + shift[from]);
            }
        }
    }

    private sealed class RowTask<TRows>(
        TRows rows, int tileColumns, int taskRows, double[] shift, double[] minima, int[]? columns, CancellationToken cancellation)
        where TRows : struct, ICostRows
    {
        public void Run(int index)
        {
            int first = index * taskRows;
            int end = first + Math.Min(taskRows, rows.Rows - first);
            minima.AsSpan(first, end - first).Fill(double.PositiveInfinity);
            columns?.AsSpan(first, end - first).Clear();
            for (int column = 0, width; column < rows.Columns; column += width)
            {
                cancellation.ThrowIfCancellationRequested();
                width = Math.Min(tileColumns, rows.Columns - column);
                ColumnRange<TRows> tile = new(rows, column, width);
                ReadOnlySpan<double> tileShift = shift.AsSpan(column, width);
                for (int i = first; i < end; i++)
                {
                    double minimum = CostRowsOperations.Minimum(tile, i, tileShift, 0);
                    if (!(minimum < minima[i]))
                        continue;
                    minima[i] = minimum;
                    if (columns is not null)
                        columns[i] = column + CostRowsOperations.IndexOf(tile, i, tileShift, 0, minimum);
                }
            }
        }
    }

    private sealed class ColumnTask<TRows>(TRows rows, double[] shift, double[] minima, CancellationToken cancellation)
        where TRows : struct, ICostRows
    {
        public void Run(int index)
        {
            int first = index * TaskColumns;
            int width = Math.Min(TaskColumns, rows.Columns - first);
            ColumnRange<TRows> range = new(rows, first, width);
            Span<double> part = minima.AsSpan(first, width);
            part.Fill(double.PositiveInfinity);
            for (int i = 0; i < rows.Rows; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!double.IsPositiveInfinity(shift[i]))
                    CostRowsOperations.LowerColumns(range, i, -shift[i], part);
            }
        }
    }
}

using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OtEngine.Cpu;

/// <summary>
/// The state of row insertion by shortest augmenting paths, and the step that ends each search. Rows are at most columns,
/// costs are to be minimized, forbidden pairs cost plus infinity.
/// </summary>
/// <remarks>
/// Pointers lead into the buffers below, whose lengths <see cref="Reserve"/> fixes from Rows and Width; every index
/// into them is a row, a column, or a position among the scanned columns, of which there are at most Rows.
/// </remarks>
internal sealed unsafe class AssignmentState : IDisposable
{
    /// <summary>Columns are padded to whole vectors of this many doubles with forbidden pairs.</summary>
    public const int Lanes = 8;

    private HostBuffer<double>? _doubles;
    private HostBuffer<int>? _ints;
    private HostBuffer<double>? _costs;

    public int Rows { get; private set; }

    public int Columns { get; private set; }

    /// <summary>Columns rounded up to whole vectors.</summary>
    public int Width { get; private set; }

    /// <summary>Costs, row-major with <see cref="Stride"/> elements between rows.</summary>
    public double* Costs { get; set; }

    public long Stride { get; set; }

    /// <summary>Elements of a row that may be read: <see cref="Width"/> where rows are padded, else Columns.</summary>
    public int RowLength { get; set; }

    public double* RowPotential { get; private set; }

    public double* ColumnPotential { get; private set; }

    /// <summary>Length of the shortest path from the inserted row to each column; infinite where unknown.</summary>
    public double* Distance { get; private set; }

    /// <summary>The row before a column on its shortest path.</summary>
    public int* Predecessor { get; private set; }

    public int* RowOfColumn { get; private set; }

    public int* ColumnOfRow { get; private set; }

    /// <summary>
    /// The columns not yet scanned, in the order that decides ties: last column first, a scanned one replaced by the last
    /// of the list.
    /// </summary>
    public int* Remaining { get; private set; }

    /// <summary>Where each column stands in <see cref="Remaining"/>.</summary>
    public int* Position { get; private set; }

    public int* ScannedColumn { get; private set; }

    public double* ScannedDistance { get; private set; }

    /// <summary>Room for the potentials of scanned columns while a search hides them.</summary>
    public double* ScannedPotential { get; private set; }

    public int ScannedCount { get; private set; }

    /// <summary>Rows scanned by all searches so far.</summary>
    public long Scans { get; set; }

    private int RemainingCount { get; set; }

    private int* ScannedPosition { get; set; }

    /// <summary>Sizes the state and forgets the last problem; memory only grows.</summary>
    public void Reserve(int rows, int columns)
    {
        Rows = rows;
        Columns = columns;
        Width = checked(columns + Lanes - 1) / Lanes * Lanes;
        Scans = 0;
        int rowLength = (rows + Lanes - 1) / Lanes * Lanes;
        double* doubles = Grow(ref _doubles, (3L * rowLength) + (2L * Width));
        ColumnPotential = doubles;
        Distance = ColumnPotential + Width;
        RowPotential = Distance + Width;
        ScannedDistance = RowPotential + rowLength;
        ScannedPotential = ScannedDistance + rowLength;

        int* ints = Grow(ref _ints, (3L * rowLength) + (4L * Width));
        Predecessor = ints;
        RowOfColumn = Predecessor + Width;
        Remaining = RowOfColumn + Width;
        Position = Remaining + Width;
        ColumnOfRow = Position + Width;
        ScannedColumn = ColumnOfRow + rowLength;
        ScannedPosition = ScannedColumn + rowLength;

        new Span<double>(RowPotential, rows).Clear();
        new Span<double>(ColumnPotential, Width).Clear();
        new Span<int>(RowOfColumn, Width).Fill(-1);
        new Span<int>(ColumnOfRow, rows).Fill(-1);
        for (int k = 0; k < columns; k++)
        {
            Remaining[k] = columns - 1 - k;
            Position[k] = columns - 1 - k;
        }
    }

    /// <summary>Memory for a copy of the costs with padded rows.</summary>
    public double* ReserveCosts()
    {
        Stride = RowLength = Width;
        return Costs = Grow(ref _costs, (long)Rows * Width);
    }

    public void BeginSearch()
    {
        ScannedCount = 0;
        RemainingCount = Columns;
    }

    /// <summary>Takes a column out of the remaining ones: its shortest path is known.</summary>
    public void Scan(int column, double distance)
    {
        int s = ScannedCount++;
        int position = Position[column];
        ScannedColumn[s] = column;
        ScannedDistance[s] = distance;
        ScannedPosition[s] = position;
        int last = Remaining[--RemainingCount];
        Remaining[position] = last;
        Position[last] = position;
    }

    /// <summary>Puts the remaining columns back into their first order.</summary>
    public void RestoreOrder()
    {
        for (int s = 0; s < ScannedCount; s++)
        {
            int position = ScannedPosition[s];
            Remaining[position] = Columns - 1 - position;
        }

        // A column that was moved stood in one of the last ScannedCount places before: it is one of the first columns.
        for (int column = 0; column < ScannedCount; column++)
            Position[column] = Columns - 1 - column;
    }

    /// <summary>Ends a search: updates the potentials of scanned rows and columns and flips the path that ends in the sink.</summary>
    public void Augment(int row, int sink, double distance)
    {
        RowPotential[row] += distance;
        for (int s = 0; s < ScannedCount; s++)
        {
            int column = ScannedColumn[s];
            double shift = distance - ScannedDistance[s];
            RowPotential[RowOfColumn[column]] += shift;
            ColumnPotential[column] -= shift;
        }

        int free = sink;
        while (true)
        {
            int i = Predecessor[free];
            RowOfColumn[free] = i;
            (ColumnOfRow[i], free) = (free, ColumnOfRow[i]);
            if (i == row)
                break;
        }

        RestoreOrder();
    }

    /// <summary>The column of each row as the caller sees rows and columns, -1 where there is none.</summary>
    public void CopyMatching(int rows, int columns, Span<int> rowToColumn)
    {
        int* matching = rows <= columns ? ColumnOfRow : RowOfColumn;
        new ReadOnlySpan<int>(matching, rows).CopyTo(rowToColumn);
    }

    /// <summary>Row and column potentials as the caller sees rows, columns and the sign of the costs.</summary>
    public (double[] Rows, double[] Columns) CopyPotentials(int rows, int columns, bool negate)
    {
        double[] f = new ReadOnlySpan<double>(rows <= columns ? RowPotential : ColumnPotential, rows).ToArray();
        double[] g = new ReadOnlySpan<double>(rows <= columns ? ColumnPotential : RowPotential, columns).ToArray();
        if (negate)
        {
            // 0 - x, not -x: a zero stays a positive zero.
            TensorPrimitives.Subtract(0, f, f);
            TensorPrimitives.Subtract(0, g, g);
        }

        return (f, g);
    }

    public void Dispose()
    {
        _doubles?.Dispose();
        _ints?.Dispose();
        _costs?.Dispose();
    }

    private static T* Grow<T>(ref HostBuffer<T>? buffer, long length)
        where T : unmanaged
    {
        if (buffer is null || buffer.Length < length)
        {
            buffer?.Dispose();
            buffer = new HostBuffer<T>(length);
        }

        return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer.Span(0, 0)));
    }
}

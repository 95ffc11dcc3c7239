using System.Numerics;

namespace OtEngine.Cpu;

/// <summary>
/// One shortest augmenting path by scanning whole rows, O(m) a scan: the right search for small problems and where
/// many pairs tie.
/// </summary>
internal static unsafe class AssignmentDenseSearch
{
    private const int ScansBetweenChecks = 64;

    /// <summary>The unassigned column nearest to a new row, or -1 if none can be reached.</summary>
    public static int FindSink(AssignmentState state, int start, out double minimum, CancellationToken cancellation)
    {
        double* distance = state.Distance;
        double* v = state.ColumnPotential;
        new Span<double>(distance, state.Width).Fill(double.PositiveInfinity);
        state.BeginSearch();
        minimum = 0;
        int row = start;
        int sink;
        while (true)
        {
            if (++state.Scans % ScansBetweenChecks == 0)
                cancellation.ThrowIfCancellationRequested();
            minimum = AssignmentKernels.Relax(
                state.Costs + (row * state.Stride), v, distance, state.Predecessor, state.RowLength, minimum, state.RowPotential[row], row);
            if (double.IsPositiveInfinity(minimum))
            {
                sink = -1;
                break;
            }

            int column = Nearest(state, minimum);
            row = state.RowOfColumn[column];
            if (row < 0)
            {
                sink = column;
                break;
            }

            state.Scan(column, minimum);

            // No path may enter a scanned column again; its potential comes back below.
            state.ScannedPotential[state.ScannedCount - 1] = v[column];
            v[column] = double.NegativeInfinity;
            distance[column] = double.PositiveInfinity;
        }

        for (int s = 0; s < state.ScannedCount; s++)
            v[state.ScannedColumn[s]] = state.ScannedPotential[s];
        return sink;
    }

    /// <summary>
    /// The column at the given distance that the tie rule takes: the last unassigned one in the order of the remaining
    /// columns, else the first assigned one.
    /// </summary>
    private static int Nearest(AssignmentState state, double minimum)
    {
        int assigned = -1;
        int unassigned = -1;
        for (int block = 0; block < state.Width; block += 64)
        {
            ulong mask = AssignmentKernels.EqualMask(state.Distance + block, Math.Min(64, state.Width - block), minimum);
            while (mask != 0)
            {
                int column = block + BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                if (state.RowOfColumn[column] < 0)
                {
                    if (unassigned < 0 || state.Position[column] > state.Position[unassigned])
                        unassigned = column;
                }
                else if (assigned < 0 || state.Position[column] < state.Position[assigned])
                {
                    assigned = column;
                }
            }
        }

        return unassigned >= 0 ? unassigned : assigned;
    }
}

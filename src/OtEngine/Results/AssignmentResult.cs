namespace OtEngine;

/// <summary>A linear assignment with its total cost and the dual potentials that prove it optimal.</summary>
public sealed class AssignmentResult
{
    internal AssignmentResult()
    {
    }

    /// <summary>
    /// <see cref="SolveStatus.Converged"/> when the certificate meets a relative 1e-9; <see cref="SolveStatus.Stalled"/> when
    /// costs of very different sizes cancel and double precision cannot prove more.
    /// </summary>
    public required SolveStatus Status { get; init; }

    /// <summary>The matched rows, ascending; min(rows, columns) of them.</summary>
    public required ReadOnlyMemory<int> RowIndices { get; init; }

    /// <summary>The column of each matched row, in the order of <see cref="RowIndices"/>.</summary>
    public required ReadOnlyMemory<int> ColumnIndices { get; init; }

    /// <summary>Sum of the costs of the matched pairs, compensated, in double. 0 for an empty matrix.</summary>
    public required double TotalCost { get; init; }

    /// <summary>sum_i f_i + sum_j g_j, compensated: a bound on every assignment's total, from below (from above when maximizing).</summary>
    public required double DualCost { get; init; }

    /// <summary>
    /// Row potentials f and column potentials g with f_i + g_j &lt;= C_ij (&gt;= when maximizing) for every pair, equality on the
    /// matched ones. On the larger side unmatched entries are zero and no entry is positive (negative when maximizing).
    /// </summary>
    public required DualPotentials Potentials { get; init; }

    /// <summary>
    /// The largest violation of those inequalities, as max of (f_i + g_j - C_ij) / (|C_ij| + |f_i| + |g_j|) and 0, and the
    /// gap |TotalCost - DualCost| relative to max(|TotalCost|, |DualCost|, sum of the matched |C_ij|).
    /// </summary>
    public required Certificate Certificate { get; init; }

    /// <summary>
    /// The work done: rows scanned by the shortest augmenting paths, or pivots of the network simplex where a device has settled a large square
    /// problem as exact transport (see <see cref="Assignment"/>).
    /// </summary>
    public required long Iterations { get; init; }
}

namespace OtEngine;

/// <summary>
/// How to solve a linear assignment problem: match every row of a cost matrix with its own column (every column with its
/// own row, if there are fewer columns) at the least total cost. An immutable record of options that <see cref="Engine"/> runs.
/// </summary>
/// <remarks>
/// Among equally good assignments the answer is that of SciPy's <c>linear_sum_assignment</c>, index by index: rows are
/// inserted in order by shortest augmenting paths, with the same order of arithmetic and the same rule for ties.
/// Work is at most O(n^2 m) for n the smaller and m the larger side; memory is O(n + m) beside the costs and at most
/// one copy of them. On a device a square problem of 2000 rows or more is exact transport between unit masses (see <see cref="Exact"/>) where that
/// proves its best assignment the only one by more than rounding: then indices and total cost are the same, and potentials and iterations
/// are those of that method. Source: D. F. Crouse, IEEE Transactions on Aerospace and Electronic Systems 52 (2016).
/// </remarks>
public sealed record Assignment
{
    /// <summary>
    /// True looks for the largest total instead of the least; forbidden pairs are then those of cost minus infinity.
    /// Default false.
    /// </summary>
    public bool Maximize { get; init; }

    /// <summary>Rows of a square problem from which on a remote backend tries exact transport first.</summary>
    internal int HybridRows { get; init; } = AssignmentHybrid.Rows;
}

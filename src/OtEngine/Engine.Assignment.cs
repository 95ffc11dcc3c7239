using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

public sealed partial class Engine
{
    /// <summary>
    /// Matches rows with columns at the least total cost: min sum C[i, s(i)], each row and column used at most once,
    /// min(rows, columns) pairs. Indices are SciPy's, ties included; see <see cref="Assignment"/>.
    /// </summary>
    /// <param name="costs">
    /// A matrix. Positive infinity forbids a pair (negative infinity when maximizing); all else must be finite and within
    /// +-1e300. A matrix without rows or without columns has the empty assignment of cost 0.
    /// </param>
    /// <param name="options">How to solve; null is the default.</param>
    /// <param name="progress">Hears of progress at most every 50 ms; an iteration is a row inserted.</param>
    /// <param name="cancellationToken">Observed within 50 ms.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">
    /// Not a matrix, NaN, the wrong infinity, a cost beyond 1e300, or <see cref="ProblemError.Infeasible"/>: no assignment avoids the forbidden pairs.
    /// </exception>
    public AssignmentResult Assign<T>(
        Tensor<T> costs, Assignment? options = null, IProgress<SolveProgress>? progress = null, CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(costs);
        return AssignBatch([costs], options, progress, cancellationToken)[0];
    }

    /// <summary>
    /// Solves assignment problems of any sizes, spread over the engine's threads, or over the blocks of a device, by problem. Gives the
    /// same bits as solving them one by one, and the same indices and total cost on every device; the same potentials too, but for
    /// large square problems on a device (see <see cref="Assignment"/>).
    /// </summary>
    /// <param name="costs">The matrices; see <see cref="Assign{T}(Tensor{T}, Assignment?, IProgress{SolveProgress}?, CancellationToken)"/>.</param>
    /// <param name="options">How to solve each; null is the default.</param>
    /// <param name="progress">Hears of progress at most every 50 ms.</param>
    /// <param name="cancellationToken">Observed within 50 ms.</param>
    /// <returns>The answers, in the order of the problems.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">A problem is refused or infeasible; the message names the first one.</exception>
    public IReadOnlyList<AssignmentResult> AssignBatch<T>(
        IReadOnlyList<Tensor<T>> costs,
        Assignment? options = null,
        IProgress<SolveProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(costs);
        ElementType.Require<T>();
        options ??= new Assignment();
        bool maximize = options.Maximize;
        T[][] matrices = new T[costs.Count][];
        (int Rows, int Columns)[] shapes = new (int, int)[costs.Count];
        for (int k = 0; k < matrices.Length; k++)
        {
            ArgumentNullException.ThrowIfNull(costs[k], nameof(costs));
            string what = costs.Count == 1 ? "The cost matrix" : string.Create(CultureInfo.InvariantCulture, $"Cost matrix {k}");
            matrices[k] = CopyCosts(costs[k], what, out shapes[k].Rows, out shapes[k].Columns);
            Cpu.Assignment.Validate<T>(matrices[k], shapes[k].Columns, maximize);
        }

        AssignmentResult?[] results = Run(() => new AssignmentRun<T>(matrices, shapes, options).Solve(Begin(matrices.Length, progress, cancellationToken)));
        int infeasible = Array.IndexOf(results, null);
        if (infeasible >= 0)
            ThrowInfeasible(matrices.Length == 1 ? "The assignment problem" : string.Create(CultureInfo.InvariantCulture, $"Assignment problem {infeasible}"));
        return results!;
    }

    /// <summary>
    /// Matches rows with columns at the least total cost, into memory of the caller; see
    /// <see cref="Assign{T}(Tensor{T}, Assignment?, IProgress{SolveProgress}?, CancellationToken)"/>. Allocates nothing once the
    /// workspace has grown to the problem. Always on the CPU: the way to a device and back takes longer than a problem that small.
    /// </summary>
    /// <param name="costs">rows x columns costs, row-major.</param>
    /// <param name="rows">Rows, at least 0.</param>
    /// <param name="columns">Columns, at least 0.</param>
    /// <param name="rowToColumn">Receives the column of each row, or -1 where a row has none; must not overlap the costs.</param>
    /// <param name="workspace">Memory to work in, reused from call to call.</param>
    /// <param name="options">How to solve; null is the default.</param>
    /// <param name="cancellationToken">Observed within 50 ms.</param>
    /// <returns>The total cost, compensated.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">As above, or wrong lengths, or overlap.</exception>
    public double Assign<T>(
        ReadOnlySpan<T> costs,
        int rows,
        int columns,
        Span<int> rowToColumn,
        AssignmentWorkspace workspace,
        Assignment? options = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        ElementType.Require<T>();
        RequireNotNegative("The number of rows", rows);
        RequireNotNegative("The number of columns", columns);
        long count = (long)rows * columns;
        if (costs.Length != count)
            Throw.ShapeMismatch("The cost matrix", costs.Length, count, string.Create(CultureInfo.InvariantCulture, $"{rows} x {columns}"));
        if (rowToColumn.Length != rows)
            Throw.ShapeMismatch("rowToColumn", rowToColumn.Length, rows, "one a row");
        OtEngine.Validate.NoOverlap<int, T>("rowToColumn", rowToColumn, "costs", costs);
        bool maximize = options is { Maximize: true };
        Cpu.Assignment.Validate(costs, columns, maximize);
        workspace.Enter();
        try
        {
            AssignmentState state = workspace.State;
            if (!Cpu.Assignment.Solve(costs, rows, columns, maximize, state, execution: null, cancellationToken))
                ThrowInfeasible("The assignment problem");
            state.CopyMatching(rows, columns, rowToColumn);
            CompensatedSum total = default;
            for (int i = 0; i < rows; i++)
            {
                if (rowToColumn[i] >= 0)
                    total.Add(double.CreateChecked(costs[(i * columns) + rowToColumn[i]]));
            }

            return total.Value;
        }
        finally
        {
            workspace.Leave();
        }
    }

    private static T[] CopyCosts<T>(Tensor<T> costs, string what, out int rows, out int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (costs.Rank != 2)
            Throw.Problem(ProblemError.ShapeMismatch, string.Create(CultureInfo.InvariantCulture, $"{what} has rank {costs.Rank}; a matrix (rank 2) is needed."));
        if (!costs.IsEmpty)
            return Matrix.Copy(costs.AsReadOnlyTensorSpan(), what, out rows, out columns);
        rows = (int)Math.Min(costs.Lengths[0], Array.MaxLength);
        columns = (int)Math.Min(costs.Lengths[1], Array.MaxLength);
        return [];
    }

    private static void RequireNotNegative(string what, int value)
    {
        if (value < 0)
            Throw.OutOfRange(what, value, "at least 0");
    }

    private static void ThrowInfeasible(string what) => Throw.Problem(
        ProblemError.Infeasible, $"{what} has no assignment: every one uses a forbidden pair. Give finite costs to more pairs.");
}

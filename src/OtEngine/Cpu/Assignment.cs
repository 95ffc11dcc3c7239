using System.Numerics;
using System.Numerics.Tensors;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>
/// The verb: min (or max) sum_i C[i, s(i)] over injective s. Rows are inserted one by one by shortest augmenting paths
/// (D. F. Crouse, 2016), with SciPy's order of arithmetic and rule for ties, always in double.
/// </summary>
internal static unsafe class Assignment
{
    /// <summary>Costs beyond this could overflow in sums along a path.</summary>
    public const double LargestCost = 1e300;

    /// <summary>A batch, over threads; see <see cref="Backend.Assignment"/>.</summary>
    public static void Run<T>(
        ReadOnlyMemory<AssignmentProblem> problems,
        HostBuffer<T> costs,
        HostBuffer<int> matchings,
        HostBuffer<double> potentials,
        Memory<AssignmentOutcome> outcomes,
        Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (AssignmentProblem problem in problems.Span)
            problem.RequireWithin(costs.Length, matchings.Length, potentials.Length);
        BatchLoop.Run(
            problems.Length,
            execution,
            () => new AssignmentState(),
            (state, k) =>
            {
                AssignmentProblem problem = problems.Span[k];
                (int rows, int columns) = (problem.Rows, problem.Columns);
                Span<T> own = costs.Span(problem.Costs, Sizes.Product("The cost matrix", rows, columns, "use fewer rows or columns"));
                bool feasible = Solve<T>(own, rows, columns, maximize: false, state, execution, execution.Cancellation);
                state.CopyMatching(rows, columns, matchings.Span(problem.Matching, rows));
                new ReadOnlySpan<double>(state.RowPotential, rows).CopyTo(potentials.Span(problem.Potentials, rows));
                new ReadOnlySpan<double>(state.ColumnPotential, columns).CopyTo(potentials.Span(problem.Potentials + rows, columns));
                outcomes.Span[k] = new AssignmentOutcome
                {
                    Scans = state.Scans,
                    LargestViolation = feasible ? LargestViolation(state) : 0,
                    Inserted = feasible ? rows : 0,
                    Infeasible = feasible ? 0 : 1,
                };
            });
    }

    /// <summary>
    /// Solves one problem; afterwards the state holds matching and potentials of the oriented problem: at most as many rows
    /// as columns, costs minimized.
    /// </summary>
    /// <returns>False when no assignment avoids all forbidden pairs.</returns>
    public static bool Solve<T>(
        ReadOnlySpan<T> costs, int rows, int columns, bool maximize, AssignmentState state, Execution? execution, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // An empty matrix is a state without rows: the loop below has nothing to do.
        state.Reserve(Math.Min(rows, columns), Math.Max(rows, columns));
        Orient(costs, rows, columns, maximize, state, cancellation);
        for (int row = 0; row < state.Rows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            execution?.Report(row);
            int sink = AssignmentDenseSearch.FindSink(state, row, out double distance, cancellation);
            if (sink < 0)
                return false;
            state.Augment(row, sink, distance);
        }

        return true;
    }

    /// <summary>The largest relative violation of dual feasibility in the oriented problem.</summary>
    public static double LargestViolation(AssignmentState state)
    {
        double largest = 0;
        for (int i = 0; i < state.Rows; i++)
        {
            double* row = state.Costs + (i * state.Stride);
            largest = AssignmentKernels.Violation(row, state.ColumnPotential, state.Columns, state.RowPotential[i], largest);
        }

        return largest;
    }

    /// <summary>Refuses what cannot be a cost: NaN, the infinity that would attract every path, and sizes whose sums overflow.</summary>
    public static void Validate<T>(ReadOnlySpan<T> costs, int columns, bool maximize)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (costs.IsEmpty)
            return;
        double least = double.CreateChecked(TensorPrimitives.Min(costs));
        double most = double.CreateChecked(TensorPrimitives.Max(costs));
        if (least >= -LargestCost && most <= LargestCost)
            return;
        for (int k = 0; k < costs.Length; k++)
        {
            double cost = double.CreateChecked(costs[k]);
            bool forbidden = maximize ? double.IsNegativeInfinity(cost) : double.IsPositiveInfinity(cost);
            if (forbidden || Math.Abs(cost) <= LargestCost)
                continue;
            string what = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"cost[{k / columns}, {k % columns}]");
            if (double.IsFinite(cost))
                Throw.OutOfRange(what, cost, $"within +-{LargestCost:R}, so that sums of costs stay finite; scale the costs");
            Throw.Problem(
                ProblemError.NotFinite,
                FormattableString.Invariant($"{what} is {cost}; a cost must be finite, or {(maximize ? "-" : "+")}infinity for a pair that is forbidden."));
        }
    }

    /// <summary>Points the state at the costs as they are, or at a copy: transposed, negated, widened, padded.</summary>
    private static void Orient<T>(ReadOnlySpan<T> costs, int rows, int columns, bool maximize, AssignmentState state, CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double* copy = state.ReserveCosts();
        int width = state.Width;
        bool transpose = columns < rows;
        for (int i = 0; i < state.Rows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<double> row = new(copy + ((long)i * width), width);
            if (transpose)
            {
                for (int j = 0; j < rows; j++)
                    row[j] = double.CreateChecked(costs[(j * columns) + i]);
            }
            else
            {
                TensorPrimitives.ConvertChecked(costs.Slice(i * columns, columns), row);
            }

            if (maximize)
                TensorPrimitives.Negate(row[..state.Columns], row);
            row[state.Columns..].Fill(double.PositiveInfinity);
        }
    }
}

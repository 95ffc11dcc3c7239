using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// A batch of assignment problems on the seam: turned to at most as many rows as columns and costs to be minimized, given to the verb in waves,
/// and reported the way they came in.
/// </summary>
internal sealed class AssignmentRun<T>(T[][] matrices, (int Rows, int Columns)[] shapes, Assignment options)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Bytes of costs of a wave, about: what a batch needs beside its input does not grow with it.</summary>
    private const long WaveBytes = 256L << 20;

    private readonly AssignmentResult?[] _results = new AssignmentResult?[matrices.Length];

    /// <summary>Solves all problems.</summary>
    /// <returns>The answers; null for a problem that has none.</returns>
    public AssignmentResult?[] Solve(Execution execution)
    {
        if (execution.Backend.IsRemote)
            SolveLarge(execution);
        for (int start = 0; start < matrices.Length;)
        {
            if (_results[start] is not null)
            {
                start++;
                continue;
            }

            int end = start + 1;
            long elements = matrices[start].Length;
            while (end < matrices.Length && _results[end] is null && (end - start < execution.Threads || (elements + matrices[end].Length) * Unsafe.SizeOf<T>() <= WaveBytes))
                elements += matrices[end++].Length;
            SolveWave(start, end, elements, execution);
            start = end;
        }

        return _results;
    }

    /// <summary>
    /// Those that exact transport settles, spread over the threads as a batch of it is. Which they are depends on each alone: many of them are not
    /// left to the verb, which would give each a block, since the potentials of a problem would then be others in a batch than alone.
    /// </summary>
    private void SolveLarge(Execution execution)
    {
        int[] large = [.. Enumerable.Range(0, matrices.Length).Where(k => shapes[k].Rows == shapes[k].Columns && shapes[k].Rows >= Math.Max(1, options.HybridRows))];
        Execution each = large.Length == 1 ? execution.Unheard() : execution.OnOneThread();
        BatchLoop.Run(
            large.Length,
            execution,
            () => this,
            (_, place) =>
            {
                int k = large[place];
                if (AssignmentHybrid.TrySolve(Turned(k), shapes[k].Rows, each) is not { } answer)
                    return;
                _results[k] = Report(k, answer.Matching, answer.U, answer.V, answer.Outcome);
                execution.Complete(1);
            },
            completes: false);
    }

    private void SolveWave(int start, int end, long elements, Execution execution)
    {
        AssignmentProblem[] problems = Place(start, end, out long rows, out long potentials);
        using BackendBuffer<T> costs = execution.Backend.Allocate<T>(elements);
        using BackendBuffer<int> matchings = execution.Backend.Allocate<int>(rows);
        using BackendBuffer<double> duals = execution.Backend.Allocate<double>(potentials);
        for (int k = 0; k < problems.Length; k++)
        {
            execution.Cancellation.ThrowIfCancellationRequested();
            costs.CopyFrom(Turned(start + k), problems[k].Costs);
        }

        AssignmentOutcome[] outcomes = new AssignmentOutcome[problems.Length];
        execution.Backend.Assignment(problems, costs, matchings, duals, outcomes, execution);
        for (int k = 0; k < problems.Length; k++)
        {
            if (outcomes[k].Infeasible != 0)
                continue;
            int[] columns = new int[problems[k].Rows];
            double[] u = new double[problems[k].Rows], v = new double[problems[k].Columns];
            matchings.CopyTo(columns, problems[k].Matching);
            duals.CopyTo(u, problems[k].Potentials);
            duals.CopyTo(v, problems[k].Potentials + u.Length);
            _results[start + k] = Report(start + k, columns, u, v, outcomes[k]);
        }
    }

    private AssignmentProblem[] Place(int start, int end, out long rows, out long potentials)
    {
        AssignmentProblem[] problems = new AssignmentProblem[end - start];
        long costs = rows = potentials = 0;
        for (int k = 0; k < problems.Length; k++)
        {
            (int less, int more) = (Math.Min(shapes[start + k].Rows, shapes[start + k].Columns), Math.Max(shapes[start + k].Rows, shapes[start + k].Columns));
            problems[k] = new AssignmentProblem { Rows = less, Columns = more, Costs = costs, Matching = rows, Potentials = potentials };
            costs += matrices[start + k].Length;
            rows += less;
            potentials += (long)less + more;
        }

        return problems;
    }

    /// <summary>The costs as the verb wants them: with more rows than columns transposed, and to be maximized negated.</summary>
    private T[] Turned(int k)
    {
        (int rows, int columns) = shapes[k];
        bool transpose = rows > columns;
        if (!transpose && !options.Maximize)
            return matrices[k];
        T[] turned = new T[matrices[k].Length];
        if (transpose)
            Matrix.Transpose<T>(matrices[k], rows, columns, turned);
        else
            matrices[k].CopyTo(turned, 0);
        if (options.Maximize)
            TensorPrimitives.Negate<T>(turned, turned);
        return turned;
    }

    private AssignmentResult Report(int k, int[] matching, double[] u, double[] v, AssignmentOutcome outcome)
    {
        (int rows, int columns) = shapes[k];
        int pairs = matching.Length;
        int[] rowIndices = new int[pairs];
        int[] columnIndices = new int[pairs];
        if (rows <= columns)
        {
            for (int i = 0; i < pairs; i++)
                (rowIndices[i], columnIndices[i]) = (i, matching[i]);
        }
        else
        {
            // The verb's rows are our columns.
            for (int j = 0; j < pairs; j++)
                (rowIndices[j], columnIndices[j]) = (matching[j], j);
            Array.Sort(rowIndices, columnIndices);
        }

        CompensatedSum total = default;
        CompensatedSum size = default;
        for (int pair = 0; pair < pairs; pair++)
        {
            double cost = double.CreateChecked(matrices[k][(rowIndices[pair] * columns) + columnIndices[pair]]);
            total.Add(cost);
            size.Add(Math.Abs(cost));
        }

        (double[] f, double[] g) = rows <= columns ? (u, v) : (v, u);
        if (options.Maximize)
        {
            // 0 - x, not -x: a zero stays a positive zero.
            TensorPrimitives.Subtract(0, f, f);
            TensorPrimitives.Subtract(0, g, g);
        }

        CompensatedSum dual = default;
        foreach (double potential in f)
            dual.Add(potential);
        foreach (double potential in g)
            dual.Add(potential);
        double scale = Math.Max(size.Value, Math.Abs(dual.Value));
        Certificate certificate = new(outcome.LargestViolation, scale == 0 ? 0 : Math.Abs(total.Value - dual.Value) / scale);

        // Whatever the costs are stored in, the arithmetic is double's.
        double tolerance = ElementType.CertificateTolerance<double>();
        bool proven = certificate.LargestViolation <= tolerance && certificate.RelativeGap <= tolerance;
        return new AssignmentResult
        {
            Status = proven ? SolveStatus.Converged : SolveStatus.Stalled,
            RowIndices = rowIndices,
            ColumnIndices = columnIndices,
            TotalCost = total.Value,
            DualCost = dual.Value,
            Potentials = new DualPotentials(f, g),
            Certificate = certificate,
            Iterations = outcome.Scans,
        };
    }
}

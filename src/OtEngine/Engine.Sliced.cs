using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

public sealed partial class Engine
{
    /// <summary>
    /// The sliced Wasserstein distance of a problem between points, whose ground cost is not read: the cost along a line is the p-th power of the
    /// distance on it. Both sides are scaled to mass one.
    /// </summary>
    /// <param name="problem">A problem between points.</param>
    /// <param name="solver">Directions, order, and what is wanted.</param>
    /// <param name="cancellationToken">Observed between directions, on a device between runs of them.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">The problem is not between points, or an option is out of range.</exception>
    public SlicedResult<T> SolveSliced<T>(TransportProblem<T> problem, Sliced solver, CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(problem);
        return SolveSlicedBatch([problem], solver, cancellationToken)[0];
    }

    /// <summary>The sliced distances of problems of any sizes, together in one pass over all their directions; gives the bits of solving them one by one.</summary>
    /// <param name="problems">Problems between points; those of one dimension share their directions.</param>
    /// <param name="solver">Directions, order, and what is wanted.</param>
    /// <param name="cancellationToken">Observed between directions.</param>
    /// <returns>The answers, in the order of the problems.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">A problem is not between points, or an option is out of range.</exception>
    public IReadOnlyList<SlicedResult<T>> SolveSlicedBatch<T>(
        IReadOnlyList<TransportProblem<T>> problems, Sliced solver, CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(problems);
        ArgumentNullException.ThrowIfNull(solver);
        solver.Require();
        RequireRunning(cancellationToken);
        SlicedTask<T>[] tasks = new SlicedTask<T>[problems.Count];
        Dictionary<int, T[]> directions = [];
        for (int k = 0; k < tasks.Length; k++)
        {
            ArgumentNullException.ThrowIfNull(problems[k], nameof(problems));
            tasks[k] = SlicedTask<T>.Of(problems[k]);
            if (!directions.ContainsKey(tasks[k].Dimension))
                directions.Add(tasks[k].Dimension, SlicedDirections.Of<T>(solver, tasks[k].Dimension));
        }

        return Run(() =>
        {
            Execution execution = Begin(tasks.Length, progress: null, cancellationToken);
            return SlicedRun<T>.Solve(tasks, solver, dimension => directions[dimension], execution);
        });
    }

    /// <summary>Projects a fixed cloud on all directions and sorts it there once, for distances to many clouds.</summary>
    /// <param name="points">m x d finite coordinates, row-major.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="weights">m weights, at least zero, not all zero; empty for equal ones.</param>
    /// <param name="solver">Directions and order.</param>
    /// <param name="cancellationToken">Observed between directions.</param>
    /// <returns>The sorted cloud; dispose it before this engine. It is lost with the device where that is lost.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">Bad points or weights, or an option is out of range.</exception>
    public SlicedCloud<T> SortSliced<T>(
        T[] points, int dimension, ReadOnlySpan<T> weights, Sliced solver, CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(solver);
        solver.Require();
        RequireRunning(cancellationToken);
        int count = RequireCloud(points, dimension, weights, "points");
        T[] directions = SlicedDirections.Of<T>(solver, dimension);
        T[]? own = weights.IsEmpty ? null : weights.ToArray();
        return Run(() =>
        {
            Execution execution = Begin(1, progress: null, cancellationToken);
            SlicedCloud<T> cloud = new(solver, directions, own, count, dimension, execution.Backend);
            try
            {
                SlicedRun<T>.Sort(points, cloud, execution);
                return cloud;
            }
            catch
            {
                cloud.Dispose();
                throw;
            }
        });
    }

    /// <summary>The sliced distance from a cloud to a fixed one, by the fixed one's options: only the first is projected and sorted.</summary>
    /// <param name="points">n x d finite coordinates, row-major.</param>
    /// <param name="weights">n weights, at least zero, not all zero; empty for equal ones. Their total need not be that of the fixed cloud.</param>
    /// <param name="cloud">The fixed cloud.</param>
    /// <param name="cancellationToken">Observed between directions.</param>
    /// <returns>The bits of a solve of both clouds; the fixed one is side y.</returns>
    /// <exception cref="ObjectDisposedException">The fixed cloud was disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">Bad points or weights.</exception>
    public SlicedResult<T> SolveSliced<T>(T[] points, ReadOnlySpan<T> weights, SlicedCloud<T> cloud, CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(cloud);
        ObjectDisposedException.ThrowIf(cloud.IsDisposed, cloud);
        _ = RequireCloud(points, cloud.Dimension, weights, "points");
        SlicedTask<T> task = new(points, [], weights.IsEmpty ? null : weights.ToArray(), cloud.Weights, cloud.Dimension, cloud);

        // Where the sorted cloud lies, even if the engine went on elsewhere since.
        Execution execution = Begin(1, progress: null, cancellationToken);
        return SlicedRun<T>.Solve([task], cloud.Solver, _ => cloud.Directions, new Execution(cloud.Backend, execution.Threads, 0, null, cancellationToken))[0];
    }

    private static int RequireCloud<T>(T[] points, int dimension, ReadOnlySpan<T> weights, string what)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(points);
        ElementType.Require<T>();
        if (dimension < 1)
            Throw.OutOfRange("The dimension of the points", dimension, "at least 1");
        if (points.Length == 0)
            Throw.Empty(what);
        if (points.Length % dimension != 0)
            Throw.ShapeMismatch(what, points.Length, points.Length / dimension * (long)dimension, $"a multiple of the dimension {dimension}");
        Validate.Finite<T>(what, points);
        int count = points.Length / dimension;
        if (!weights.IsEmpty)
            _ = Validate.Weights("weights", weights, count, "one weight a point");
        return count;
    }
}

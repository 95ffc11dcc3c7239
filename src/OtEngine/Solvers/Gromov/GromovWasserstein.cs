using System.Globalization;
using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Entropic Gromov-Wasserstein by projected gradient: of F(P) = sum_ijkl L(C1_ik, C2_jl) P_ij P_kl, fused (1 - alpha) sum M_ij P_ij + alpha times
/// that, each step takes the gradient D at the plan it has and moves to the plan that minimises sum_ij D_ij P_ij + eps KL(P | a b^T), by
/// Sinkhorn sweeps whose potentials start where the last step left them. A fixed point is a stationary point of F + eps KL.
/// </summary>
/// <remarks>
/// From a b^T, as POT's entropic_gromov_wasserstein and entropic_fused_gromov_wasserstein (solver PGD) with the same eps. The problem is not convex: the
/// answer is one stationary point, there is no lower bound, and another eps may lead to a better one. Where eps is small beside the curvature of
/// F the steps need not settle; the status then says so. Source: G. Peyré, M. Cuturi, J. Solomon, Gromov-Wasserstein averaging of kernel and distance
/// matrices, ICML 2016.
/// Memory: three matrices n x m, C1 and C2. Between points whose inner costs are squared Euclidean distances (both sides of a
/// <see cref="PointCloudGeometry{T}"/> the same points), with the square loss and not fused, each step is a Sinkhorn solve between lifted points: memory
/// linear in n + m beyond <see cref="EngineOptions.CostMatrixBudget"/>, and no matrix products.
/// </remarks>
public sealed record GromovWasserstein
{
    private readonly double? _epsilon;
    private readonly double _epsilonRelative = 0.05;
    private readonly double? _tolerance;
    private readonly long _maxIterations = 10_000;
    private readonly int _maxSteps = 1000;
    private readonly long _stepSweeps = 100;

    /// <summary>L; default <see cref="GromovLoss.Square"/>.</summary>
    public GromovLoss Loss { get; init; }

    /// <summary>eps in the units of F over mass, positive and finite; null takes <see cref="EpsilonRelative"/> times the mean magnitude of the first gradient.</summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: not positive, not finite, or below the least normal number.</exception>
    public double? Epsilon
    {
        get => _epsilon;
        init
        {
            if (value is { } epsilon && !(double.IsNormal(epsilon) && epsilon > 0))
                Throw.OutOfRange("Epsilon", epsilon, "positive and finite (at least 2.3e-308), or null for a multiple of the mean gradient");
            _epsilon = value;
        }
    }

    /// <summary>
    /// eps as a multiple of the mean of |D_ij| over all pairs of atoms, D the gradient at a b^T, where <see cref="Epsilon"/> is null; default 0.05.
    /// Where all of D is zero eps is this number itself.
    /// </summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: not positive or not finite.</exception>
    public double EpsilonRelative
    {
        get => _epsilonRelative;
        init
        {
            if (!(double.IsNormal(value) && value > 0))
                Throw.OutOfRange("EpsilonRelative", value, "positive and finite (at least 2.3e-308)");
            _epsilonRelative = value;
        }
    }

    /// <summary>
    /// What counts as converged, over the mass: both L1 marginal errors of the plan that is returned, and the L1 distance from the plan that its
    /// gradient was taken at; null is 1e-6 in double and 1e-4 in float. 0 runs exactly <see cref="MaxSteps"/> steps of
    /// <see cref="StepSweeps"/> plain sweeps, or <see cref="MaxIterations"/> sweeps if those are fewer, for timing.
    /// </summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: negative, NaN, or 1 and above.</exception>
    public double? Tolerance
    {
        get => _tolerance;
        init
        {
            if (value is { } tolerance && !(tolerance >= 0 && tolerance < 1))
                Throw.OutOfRange("Tolerance", tolerance, "at least 0 and below 1, or null for the default of the element type");
            _tolerance = value;
        }
    }

    /// <summary>Most full sweeps, both potentials, over all steps, at least 1; default 10,000.</summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: less than 1.</exception>
    public long MaxIterations
    {
        get => _maxIterations;
        init
        {
            if (value < 1)
                Throw.OutOfRange("MaxIterations", value, "at least 1");
            _maxIterations = value;
        }
    }

    /// <summary>Most steps, each one gradient, at least 1; default 1000.</summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: less than 1.</exception>
    public int MaxSteps
    {
        get => _maxSteps;
        init
        {
            if (value < 1)
                Throw.OutOfRange("MaxSteps", value, "at least 1");
            _maxSteps = value;
        }
    }

    /// <summary>
    /// Most full sweeps of one step, at least 1; default 100. Fewer than a step would need are no loss: the next one goes on from the same
    /// potentials.
    /// </summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.OutOfRange"/>: less than 1.</exception>
    public long StepSweeps
    {
        get => _stepSweeps;
        init
        {
            if (value < 1)
                Throw.OutOfRange("StepSweeps", value, "at least 1");
            _stepSweeps = value;
        }
    }

    /// <summary>Solves problems: points under squared distances and the square loss each in memory linear in n + m, all others together.</summary>
    internal GromovResult<T>[] Solve<T>(IReadOnlyList<GromovProblem<T>> problems, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        GromovResult<T>[] results = new GromovResult<T>[problems.Count];
        int[] stored = [.. Enumerable.Range(0, results.Length).Where(k => !GromovLifted<T>.Takes(problems[k], Loss))];
        if (stored.Length > 0)
        {
            using GromovRun<T> run = new(this, [.. stored.Select(k => problems[k])], execution);
            GromovResult<T>[] answers = run.Solve();
            for (int k = 0; k < stored.Length; k++)
                results[stored[k]] = answers[k];
        }

        for (int k = 0; k < results.Length; k++)
        {
            if (results[k] is not null)
                continue;
            results[k] = new GromovLifted<T>(this, problems[k], execution).Solve();
            execution.Complete(1);
        }

        return results;
    }

    /// <summary>What to do about a solve that did not converge; null where it did, or was not meant to.</summary>
    internal static string? Advice(SolveStatus status, double epsilon, bool isTiming)
    {
        if (status == SolveStatus.Converged || (status == SolveStatus.MaxIterations && isTiming))
            return null;
        string text = epsilon.ToString("R", CultureInfo.InvariantCulture);
        return status == SolveStatus.NumericalFailure
            ? $"At epsilon {text} the gradients or potentials left the range of numbers; scale the inner costs, use a larger epsilon, or double in place of float."
            : $"At epsilon {text} steps still move the plan by more than the tolerance, or its marginal errors are above it; allow more steps or iterations, or use a larger epsilon or tolerance.";
    }
}

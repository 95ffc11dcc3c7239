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
/// Memory: three matrices n x m, C1 and C2.
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
}

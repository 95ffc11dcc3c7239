using System.Numerics;

namespace OtEngine;

/// <summary>The answer to a Gromov-Wasserstein problem: a plan, what it costs, and how far it is from a stationary point.</summary>
/// <remarks>The problem is not convex, so there is no lower bound; every number is of exactly the plan that is returned.</remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class GromovResult<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly TransportPlan<T> _plan;
    private bool _disposed;

    internal GromovResult(TransportPlan<T> plan) => _plan = plan;

    /// <summary>
    /// How the solve ended. <see cref="SolveStatus.Converged"/>: both marginal errors and <see cref="Moved"/>, over the mass, are at most the
    /// tolerance; a stationary point, not a proven minimum.
    /// </summary>
    public required SolveStatus Status { get; init; }

    /// <summary>The objective without entropy: <see cref="GromovCost"/>, fused (1 - alpha) <see cref="FeatureCost"/> + alpha <see cref="GromovCost"/>.</summary>
    public required double Value { get; init; }

    /// <summary>
    /// sum_ijkl L(C1_ik, C2_jl) P_ij P_kl. The parts of L that depend on one side alone are right to second order in the marginal errors.
    /// </summary>
    public required double GromovCost { get; init; }

    /// <summary>sum_ij M_ij P_ij; NaN where the problem is not fused.</summary>
    public required double FeatureCost { get; init; }

    /// <summary><see cref="Value"/> + eps KL(P | a b^T).</summary>
    public required double RegularizedCost { get; init; }

    /// <summary>Total mass transported.</summary>
    public required double Mass { get; init; }

    /// <summary>The regularisation used.</summary>
    public required double Epsilon { get; init; }

    /// <summary>sum_i |sum_j P_ij - a_i|.</summary>
    public required double MarginalErrorA { get; init; }

    /// <summary>sum_j |sum_i P_ij - b_j|, b rescaled to a's total.</summary>
    public required double MarginalErrorB { get; init; }

    /// <summary>
    /// How far the last step moved the plan, sum_ij |P_ij - P_ij before|: zero at a stationary point. Of lifted points a bound on how far the next step
    /// would move it: what the gradient changed by at most, over eps.
    /// </summary>
    public required double Moved { get; init; }

    /// <summary>Steps done, each one gradient.</summary>
    public required int Steps { get; init; }

    /// <summary>Full sweeps done, over all steps.</summary>
    public required long Iterations { get; init; }

    /// <summary>f and g of the last step: P_ij = a_i b_j exp((f_i + g_j - D_ij) / eps), D the gradient at the plan before; of lifted points D but for terms of one side, 2 M |u_i - v_j|^2.</summary>
    public required DualPotentials Potentials { get; init; }

    /// <summary>Why the solve ended without converging and what to do about it; null where it converged, or was not meant to.</summary>
    public string? Advice { get; init; }

    /// <summary>The plan, n x m: stored, or of lifted points given by its potentials.</summary>
    /// <exception cref="ObjectDisposedException">The result was disposed.</exception>
    public TransportPlan<T> Plan
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _plan;
        }
    }

    /// <summary>Releases the plan; the numbers and the potentials stay readable.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _plan.Dispose();
    }
}

using System.Numerics;

namespace OtEngine;

/// <summary>The answer to a transport problem and the evidence for it.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class TransportResult<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly TransportPlan<T> _plan;
    private bool _disposed;

    internal TransportResult(TransportPlan<T> plan) => _plan = plan;

    /// <summary>How the solve ended.</summary>
    public required SolveStatus Status { get; init; }

    /// <summary>sum_ij C_ij P_ij of the returned plan, in double.</summary>
    public required double TransportCost { get; init; }

    /// <summary>The whole primal objective; equal to <see cref="TransportCost"/> where nothing is regularised.</summary>
    public required double RegularizedCost { get; init; }

    /// <summary>
    /// The dual objective of the returned potentials: sum_i a_i f_i + sum_j b_j g_j, and with entropy less eps (sum P_ij - sum a_i b_j).
    /// </summary>
    public required double DualCost { get; init; }

    /// <summary>A certified lower bound on the unregularised optimum: the dual value of feasible potentials.</summary>
    public required double LowerBound { get; init; }

    /// <summary>A certified upper bound on the unregularised optimum: the cost of a feasible plan; infinite while the plan does not carry all mass.</summary>
    public required double UpperBound { get; init; }

    /// <summary>
    /// TransportCost^(1/q) over the mass, where the cost is the q-th power of a metric: the Wasserstein distance of order q
    /// between the two sides scaled to unit mass. NaN where the cost is no power of a metric.
    /// </summary>
    public required double Distance { get; init; }

    /// <summary>Total mass transported.</summary>
    public required double Mass { get; init; }

    /// <summary>The regularisation used, in cost units; 0 where nothing is regularised.</summary>
    public double Epsilon { get; init; }

    /// <summary>Why the solve ended without converging and what to do about it; null where it converged, or was not meant to.</summary>
    public string? Advice { get; init; }

    /// <summary>The marginal error by iteration, where the solver was asked to record it; else empty.</summary>
    public IReadOnlyList<ConvergencePoint> History { get; init; } = [];

    /// <summary>sum_i |sum_j P_ij - a_i|.</summary>
    public required double MarginalErrorA { get; init; }

    /// <summary>sum_j |sum_i P_ij - b_j|, b rescaled to a's total.</summary>
    public required double MarginalErrorB { get; init; }

    /// <summary>Iterations done: pivots of a simplex, full sweeps of an entropic solver.</summary>
    public required long Iterations { get; init; }

    /// <summary>
    /// Dual violation and gap of the returned state. Of an entropic answer the gap is that of the bracket, and the violation NaN: its
    /// potentials are not meant to be feasible.
    /// </summary>
    public required Certificate Certificate { get; init; }

    /// <summary>f and g. Of an exact answer they satisfy f_i + g_j &lt;= C_ij for all atoms, massless ones included.</summary>
    public required DualPotentials Potentials { get; init; }

    /// <summary>The transport plan.</summary>
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

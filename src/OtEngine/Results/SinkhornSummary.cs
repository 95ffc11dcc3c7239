namespace OtEngine;

/// <summary>
/// The numbers of an entropic answer, as <see cref="TransportResult{T}"/> defines them, without plan and bracket: what calls that allocate
/// nothing return.
/// </summary>
public readonly record struct SinkhornSummary
{
    /// <summary>How the solve ended.</summary>
    public required SolveStatus Status { get; init; }

    /// <summary>sum_ij C_ij P_ij, in double.</summary>
    public required double TransportCost { get; init; }

    /// <summary>sum_ij C_ij P_ij + eps KL(P | a b^T).</summary>
    public required double RegularizedCost { get; init; }

    /// <summary>sum_i a_i f_i + sum_j b_j g_j - eps (sum P_ij - sum a_i b_j).</summary>
    public required double DualCost { get; init; }

    /// <summary>sum_ij P_ij.</summary>
    public required double Mass { get; init; }

    /// <summary>sum_i |sum_j P_ij - a_i|.</summary>
    public required double MarginalErrorA { get; init; }

    /// <summary>sum_j |sum_i P_ij - b_j|, b rescaled to a's total.</summary>
    public required double MarginalErrorB { get; init; }

    /// <summary>Full sweeps done, over all stages.</summary>
    public required long Iterations { get; init; }

    /// <summary>The regularisation used, in cost units.</summary>
    public required double Epsilon { get; init; }
}

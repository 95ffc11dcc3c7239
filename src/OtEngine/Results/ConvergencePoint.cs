namespace OtEngine;

/// <summary>One point of a convergence history.</summary>
/// <param name="Iteration">Full sweeps done before this point.</param>
/// <param name="Epsilon">The regularisation of its stage, in cost units.</param>
/// <param name="MarginalErrorA">sum_i |sum_j P_ij - a_i| at this point.</param>
public readonly record struct ConvergencePoint(long Iteration, double Epsilon, double MarginalErrorA);

namespace OtEngine;

/// <summary>
/// The proof that comes with an exact answer. The returned potentials are feasible up to
/// <paramref name="LargestViolation"/>, so that the dual cost bounds the optimum from below, and the returned plan
/// attains <paramref name="RelativeGap"/> above it.
/// </summary>
/// <param name="LargestViolation">max over i, j of (f_i + g_j - C_ij) / (|C_ij| + |f_i| + |g_j|), or 0 if none is positive.</param>
/// <param name="RelativeGap">
/// |primal - dual| / max(|primal|, |dual|), or 0 if they are equal; both sums compensated. Where costs do not cancel, |primal - dual|
/// less the 2^-50 (sum a |f| + sum b |g|) that the rounding of the weights explains.
/// </param>
public readonly record struct Certificate(double LargestViolation, double RelativeGap);

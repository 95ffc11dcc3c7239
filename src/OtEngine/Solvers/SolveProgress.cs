namespace OtEngine;

/// <summary>How far a running call has come; reported at most every 50 milliseconds, from any thread.</summary>
/// <param name="Completed">Problems finished.</param>
/// <param name="Total">Problems of the call.</param>
/// <param name="Iterations">Iterations so far of the problem that reports (pivots of a simplex, sweeps of an entropic solver).</param>
public readonly record struct SolveProgress(long Completed, long Total, long Iterations);

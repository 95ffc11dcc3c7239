namespace OtEngine;

/// <summary>
/// A pair of potentials in cost units, f on side a and g on side b, always double. Serves as a result and as a warm
/// start.
/// </summary>
/// <param name="F">n values.</param>
/// <param name="G">m values.</param>
public sealed record DualPotentials(ReadOnlyMemory<double> F, ReadOnlyMemory<double> G);

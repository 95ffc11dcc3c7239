namespace OtEngine;

/// <summary>
/// A pair of potentials in cost units, f on side a and g on side b, always double. Serves as a result and as a warm
/// start.
/// </summary>
/// <param name="F">n values.</param>
/// <param name="G">m values.</param>
public sealed record DualPotentials(ReadOnlyMemory<double> F, ReadOnlyMemory<double> G)
{
    /// <summary>Checks that the potentials fit a problem and are finite.</summary>
    internal void Require(int rows, int columns)
    {
        if (F.Length != rows)
            Throw.ShapeMismatch("The potential f", F.Length, rows, "one value a row of the geometry");
        if (G.Length != columns)
            Throw.ShapeMismatch("The potential g", G.Length, columns, "one value a column of the geometry");
        Validate.Finite("f", F.Span);
        Validate.Finite("g", G.Span);
    }
}

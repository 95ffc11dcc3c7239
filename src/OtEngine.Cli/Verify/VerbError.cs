using System.Numerics;

namespace OtEngine.Cli.Verify;

/// <summary>How far what a verb computes is from the reference.</summary>
/// <param name="Relative">The largest error over the largest magnitude of what is compared.</param>
/// <param name="Residual">
/// The same in units of what rounding must cost: the unit roundoff of the element type times the terms of a sum and the largest exponent.
/// </param>
internal readonly record struct VerbError(double Relative, double Residual)
{
    /// <summary>Residuals from here on are no matter of rounding.</summary>
    public const double MostResidual = 30;

    /// <summary>The larger of both, each for itself.</summary>
    public VerbError Or(VerbError other) => new(Larger(Relative, other.Relative), Larger(Residual, other.Residual));

    /// <summary>Compares numbers of one kind; what is no number, where the reference has one, is infinitely far.</summary>
    /// <param name="found">What the verb computed.</param>
    /// <param name="expected">What the reference did.</param>
    /// <param name="least">The least magnitude that errors are measured by.</param>
    /// <param name="unit">What rounding must cost, relative.</param>
    public static VerbError Between(ReadOnlySpan<double> found, ReadOnlySpan<double> expected, double least, double unit)
    {
        double scale = least, error = 0;
        for (int k = 0; k < expected.Length; k++)
        {
            // Infinities are equal or infinitely far.
            if (double.IsFinite(expected[k]))
                scale = Math.Max(scale, Math.Abs(expected[k]));
            if (found[k] != expected[k])
                error = Larger(error, Math.Abs(found[k] - expected[k]));
        }

        double relative = error == 0 ? 0 : error / scale;
        return new VerbError(relative, relative / unit);
    }

    /// <summary>The unit roundoff of an element type: half the distance from one to the next number.</summary>
    public static double Roundoff<T>()
        where T : unmanaged, IFloatingPointIeee754<T> => double.CreateChecked(T.BitIncrement(T.One) - T.One) / 2;

    private static double Larger(double x, double y) => double.IsNaN(x) || double.IsNaN(y) ? double.PositiveInfinity : Math.Max(x, y);
}

namespace OtEngine.TestSupport;

/// <summary>Errors of a verb: relative, and in units of what rounding must cost.</summary>
public static class ScaledResidual
{
    /// <summary>Residuals from here on are no matter of rounding: LINPACK's and LAPACK's test programs draw the same line.</summary>
    public const double Most = 30;

    /// <summary>
    /// The largest |found - expected| over the largest finite |expected|, and the same over the unit roundoff times the number of terms. Both 0
    /// where all are equal, plus infinity where a number is missing or only one of two is no number.
    /// </summary>
    /// <param name="found">What was computed.</param>
    /// <param name="expected">The reference.</param>
    /// <param name="roundoff">Half the distance from one to the next number of the element type.</param>
    /// <param name="terms">Terms of the longest sum, and the largest exponent in powers of two where there are exponentials.</param>
    public static (double Relative, double Residual) Of(IReadOnlyList<double> found, IReadOnlyList<double> expected, double roundoff, double terms)
    {
        if (found.Count != expected.Count)
            return (double.PositiveInfinity, double.PositiveInfinity);
        double scale = 0, error = 0;
        for (int k = 0; k < expected.Count; k++)
        {
            if (double.IsFinite(expected[k]))
                scale = Math.Max(scale, Math.Abs(expected[k]));
            if (found[k].Equals(expected[k]))
                continue;
            double own = Math.Abs(found[k] - expected[k]);
            error = double.IsNaN(own) ? double.PositiveInfinity : Math.Max(error, own);
        }

        double relative = error == 0 ? 0 : error / scale;
        return (relative, relative / (roundoff * terms));
    }
}

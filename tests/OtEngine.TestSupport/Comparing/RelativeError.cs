namespace OtEngine.TestSupport;

/// <summary>Differences from an expected value, in units of a magnitude.</summary>
public static class RelativeError
{
    /// <summary>
    /// |actual - expected| / magnitude; 0 where both are equal (also where the magnitude is 0), plus infinity where they differ and the
    /// magnitude is 0, NaN where either is NaN.
    /// </summary>
    public static double Of(double actual, double expected, double magnitude) =>
        actual == expected ? 0 : Math.Abs(actual - expected) / Math.Abs(magnitude);

    /// <summary>The same, relative to the expected value.</summary>
    public static double Of(double actual, double expected) => Of(actual, expected, expected);
}

namespace OtEngine.Cli.Plots;

/// <summary>Maps an interval of values, evenly or by their logarithms, onto an interval of pixels.</summary>
/// <param name="Min">The value at <paramref name="PixelMin"/>; positive where the scale is logarithmic.</param>
/// <param name="Max">The value at <paramref name="PixelMax"/>; greater than <paramref name="Min"/>.</param>
/// <param name="PixelMin">Where the scale starts.</param>
/// <param name="PixelMax">Where it ends; may lie before its start, as for upward axes.</param>
/// <param name="IsLogarithmic">Whether equal ratios, not equal differences, are equally far apart.</param>
internal readonly record struct AxisScale(double Min, double Max, double PixelMin, double PixelMax, bool IsLogarithmic = false)
{
    /// <summary>The pixel of a value.</summary>
    public double Map(double value)
    {
        double share = IsLogarithmic
            ? Math.Log(value / Min) / Math.Log(Max / Min)
            : (value - Min) / (Max - Min);
        return PixelMin + (share * (PixelMax - PixelMin));
    }
}

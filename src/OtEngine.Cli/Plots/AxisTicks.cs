using System.Globalization;

namespace OtEngine.Cli.Plots;

/// <summary>Round values along an axis: steps of 1, 2 or 5 times a power of ten, or powers of ten on a logarithmic axis.</summary>
internal static class AxisTicks
{
    /// <summary>The round values within an interval.</summary>
    /// <param name="min">The lowest value.</param>
    /// <param name="max">The highest value; greater than <paramref name="min"/>, both finite.</param>
    /// <param name="wanted">About how many ticks; at least 1.</param>
    public static double[] Linear(double min, double max, int wanted) => Every(min, max, Step(min, max, wanted));

    /// <summary>The whole multiples of a round step within an interval; its ends where the values cannot tell them apart.</summary>
    public static double[] Every(double min, double max, double step)
    {
        double first = Math.Ceiling((min / step) - 1e-9);
        double last = Math.Floor((max / step) + 1e-9);

        // A step below the resolution of the values themselves gives no ticks that could be told apart.
        if (!(last - first is >= 0 and < 1000) || min + step == min)
            return [min, max];

        var ticks = new double[(int)(last - first) + 1];
        for (int i = 0; i < ticks.Length; i++)
            ticks[i] = Rounded((first + i) * step, step);
        return ticks;
    }

    /// <summary>The round step that gives about as many ticks as wanted.</summary>
    public static double Step(double min, double max, int wanted)
    {
        double rough = (max / wanted) - (min / wanted);
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double share = rough / power;

        // The nearest of them as ratios go: the limits are the roots of 1 x 2, 2 x 5 and 5 x 10.
        return power * (share < 1.41 ? 1 : share < 3.16 ? 2 : share < 7.07 ? 5 : 10);
    }

    /// <summary>The powers of ten within an interval; every second, third... of them where there are many.</summary>
    /// <param name="min">The lowest value; positive.</param>
    /// <param name="max">The highest value; greater than <paramref name="min"/>.</param>
    /// <param name="wanted">The most ticks.</param>
    public static double[] Logarithmic(double min, double max, int wanted)
    {
        int first = (int)Math.Ceiling(Math.Log10(min) - 1e-9);
        int last = (int)Math.Floor(Math.Log10(max) + 1e-9);
        if (last <= first)
            return Linear(min, max, wanted);

        int step = ((last - first) / Math.Max(wanted, 1)) + 1;
        return [.. Enumerable.Range(0, ((last - first) / step) + 1).Select(i => Math.Pow(10, first + (i * step)))];
    }

    /// <summary>A tick's value as briefly as it can be written exactly: 0.05, 1500, 1e-6.</summary>
    public static string Label(double value)
    {
        double magnitude = Math.Abs(value);
        if (magnitude is 0 or (>= 1e-3 and < 1e5))
            return value.ToString("0.######", CultureInfo.InvariantCulture);

        return value.ToString("0.###e0", CultureInfo.InvariantCulture);
    }

    // i * 0.1 is not 0.3 for i = 3; a decimal step needs a decimal rounding.
    private static double Rounded(double value, double step)
    {
        int digits = (int)Math.Ceiling(-Math.Log10(step));
        return digits is > 0 and <= 15 ? Math.Round(value, digits) : value;
    }
}

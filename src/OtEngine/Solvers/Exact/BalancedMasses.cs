namespace OtEngine;

/// <summary>
/// Weights as exactly balanced 64-bit integers: sum of supplies = sum of demands, every one positive. With integers a
/// strongly feasible basis cannot cycle and no flow is lost to rounding; a unit is 2^-60 of the mass or less.
/// </summary>
internal static class BalancedMasses
{
    private const int TotalBits = 60;

    /// <summary>Rounds positive weights to integers.</summary>
    /// <param name="a">Positive weights of the sources.</param>
    /// <param name="b">Positive weights of the sinks, rescaled to a's total.</param>
    /// <param name="total">Sum of a.</param>
    /// <param name="supplies">Receives the integers of a.</param>
    /// <param name="demands">Receives the integers of b.</param>
    /// <returns>e, where one unit weighs 2^-e.</returns>
    public static int Scale(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double total, Span<long> supplies, Span<long> demands)
    {
        // A power of two keeps dyadic weights, and so their exact ties, as they are.
        int exponent = TotalBits - Math.ILogB(total);
        long excess = Round(a, exponent, supplies) - Round(b, exponent, demands);

        // Rounding leaves the sides a few units apart; the largest atom takes them, where they are relatively fewest.
        if (excess > 0)
            demands[LargestIndex(demands)] += excess;
        else if (excess < 0)
            supplies[LargestIndex(supplies)] -= excess;
        return exponent;
    }

    private static long Round(ReadOnlySpan<double> weights, int exponent, Span<long> units)
    {
        long sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            // An atom too light for one unit keeps one: an atom of zero flow would break strong feasibility.
            units[i] = Math.Max(1, (long)Math.Round(Math.ScaleB(weights[i], exponent), MidpointRounding.ToEven));
            sum += units[i];
        }

        return sum;
    }

    private static int LargestIndex(ReadOnlySpan<long> units)
    {
        int largest = 0;
        for (int i = 1; i < units.Length; i++)
        {
            if (units[i] > units[largest])
                largest = i;
        }

        return largest;
    }
}

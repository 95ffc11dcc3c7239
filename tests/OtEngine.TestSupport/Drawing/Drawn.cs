namespace OtEngine.TestSupport;

/// <summary>Seeded inputs for tests; the same seed gives the same numbers.</summary>
public static class Drawn
{
    /// <summary>
    /// Uneven weights of a total of 1 (up to rounding), about a fifth of them zero, never all: for each non-zero atom
    /// exp of a standard normal number.
    /// </summary>
    public static double[] Weights(int seed, int count)
    {
        var random = new Random(seed);
        double[] weights = [.. Enumerable.Range(0, count).Select(_ => random.Next(5) == 0 ? 0 : Math.Exp(Normal(random)))];
        if (count > 0 && weights.All(w => w == 0))
            weights[random.Next(count)] = 1;
        double total = NeumaierSum.Of(weights);
        return [.. weights.Select(w => w / total)];
    }

    /// <summary>
    /// Weights k / 2^20 with whole k, about a fifth of them zero, whose total is exactly 1: two such vectors are balanced to the last bit.
    /// </summary>
    public static double[] ExactWeights(int seed, int count)
    {
        const int Unit = 1 << 20;
        int[] parts = [.. Weights(seed, count).Select(w => (int)(w * Unit))];
        if (count > 0)
            parts[Array.IndexOf(parts, parts.Max())] += Unit - parts.Sum();
        return [.. parts.Select(k => (double)k / Unit)];
    }

    /// <summary>Weights spread evenly over <paramref name="orders"/> powers of ten, total 1 up to rounding.</summary>
    public static double[] WideWeights(int seed, int count, int orders)
    {
        var random = new Random(seed);
        double[] weights = [.. Enumerable.Range(0, count).Select(_ => Math.Pow(10, -orders * random.NextDouble()))];
        double total = NeumaierSum.Of(weights);
        return [.. weights.Select(w => w / total)];
    }

    /// <summary>Standard normal points, row-major, each coordinate moved by <paramref name="offset"/>.</summary>
    public static double[] Cloud(int seed, int count, int dimension, double offset = 0)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count * dimension).Select(_ => offset + Normal(random))];
    }

    /// <summary>Points drawn from a 4-point-wide grid of whole numbers, so that many coincide and many distances tie.</summary>
    public static double[] CoincidingCloud(int seed, int count, int dimension)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count * dimension).Select(_ => (double)random.Next(4))];
    }

    /// <summary>Whole-number costs from 0 to <paramref name="largest"/>, row-major; ties when it is small.</summary>
    public static double[] Costs(int seed, int rows, int columns, int largest)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => (double)random.Next(largest + 1))];
    }

    /// <summary>Values in [0, 1).</summary>
    public static double[] Uniform(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
    }

    // Box and Muller's transform of two uniform numbers.
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

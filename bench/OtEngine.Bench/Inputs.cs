using OtEngine.Cli.Formats;

namespace OtEngine.Bench;

/// <summary>Seeded inputs of the benchmarks.</summary>
internal static class Inputs
{
    private const int Pixels = 64;

    /// <summary>Standard normal numbers, moved by <paramref name="mean"/>.</summary>
    public static double[] Normals(int seed, int count, double mean = 0)
    {
        var random = new Random(seed);
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
            values[i] = mean + (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    /// <summary>Strongly uneven weights of total 1: exp of normal numbers.</summary>
    public static double[] Weights(int seed, int count)
    {
        double[] weights = Array.ConvertAll(Normals(seed, count), Math.Exp);
        double total = weights.Sum();
        return Array.ConvertAll(weights, w => w / total);
    }

    /// <summary>The digits as histograms of unit mass, 64 bins each, one after the other.</summary>
    public static double[] Digits()
    {
        NumericArray table = NumericFile.Read(Path.Combine(AppContext.BaseDirectory, "digits.csv"));
        return [.. table.Values.Chunk(Pixels + 1).SelectMany(row => row[..Pixels].Select(v => v / row[..Pixels].Sum()))];
    }

    /// <summary>Squared distances between the pixels of an 8 x 8 image.</summary>
    public static double[] PixelCosts()
    {
        double[] costs = new double[Pixels * Pixels];
        for (int i = 0; i < Pixels; i++)
        {
            for (int j = 0; j < Pixels; j++)
            {
                int rows = (i / 8) - (j / 8), columns = (i % 8) - (j % 8);
                costs[(i * Pixels) + j] = (rows * rows) + (columns * columns);
            }
        }

        return costs;
    }
}

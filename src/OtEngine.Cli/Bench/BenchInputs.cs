using System.Numerics;

namespace OtEngine.Cli.Bench;

/// <summary>Seeded inputs of the suite.</summary>
/// <param name="seed">Every array has its own stream of this seed.</param>
internal sealed class BenchInputs(int seed)
{
    /// <summary>Pixels of an image's side.</summary>
    public const int Side = 8;

    /// <summary>Standard normal numbers around a mean.</summary>
    public T[] Normals<T>(int stream, int count, double mean = 0)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Random random = Stream(stream);
        T[] values = new T[count];
        for (int i = 0; i < count; i++)
            values[i] = T.CreateChecked(mean + Normal(random));
        return values;
    }

    /// <summary>Uneven weights of total one: exp of normal numbers.</summary>
    public T[] Weights<T>(int stream, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] weights = Array.ConvertAll(Normals<double>(stream, count), Math.Exp);
        double total = weights.Sum();
        return Array.ConvertAll(weights, weight => T.CreateChecked(weight / total));
    }

    /// <summary>Two clouds of normal points of the plane, the second moved by a half.</summary>
    public (double[] X, double[] Y) PlanePoints(int stream, int count) => (Normals<double>(stream, 2 * count), Normals<double>(stream + 1, 2 * count, 0.5));

    /// <summary>Squared distances between those clouds.</summary>
    public T[] PlaneCosts<T>(int stream, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (double[] x, double[] y) = PlanePoints(stream, count);
        T[] costs = new T[count * count];
        for (int k = 0; k < costs.Length; k++)
        {
            int i = 2 * (k / count), j = 2 * (k % count);
            costs[k] = T.CreateChecked(((x[i] - y[j]) * (x[i] - y[j])) + ((x[i + 1] - y[j + 1]) * (x[i + 1] - y[j + 1])));
        }

        return costs;
    }

    /// <summary>Uniform numbers below one.</summary>
    public double[] Uniform(int stream, int count)
    {
        Random random = Stream(stream);
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
            values[i] = random.NextDouble();
        return values;
    }

    /// <summary>Images of 8 x 8 pixels in 16 greys, three soft strokes each, about half their pixels empty, as handwritten digits are; total mass one.</summary>
    public T[] Images<T>(int stream, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int Strokes = 3;
        Random random = Stream(stream);
        T[] images = new T[count * Side * Side];
        double[] image = new double[Side * Side];
        for (int k = 0; k < count; k++)
        {
            Array.Clear(image);
            for (int stroke = 0; stroke < Strokes; stroke++)
            {
                (double row, double column, double slope) = (1 + (6 * random.NextDouble()), 1 + (6 * random.NextDouble()), 2 * random.NextDouble());
                for (int pixel = 0; pixel < image.Length; pixel++)
                {
                    (double up, double across) = ((pixel / Side) - row, (pixel % Side) - column);
                    image[pixel] += 16 * Math.Exp(-(up * up) - (0.3 * across * across) - (slope * up * across / 2));
                }
            }

            for (int pixel = 0; pixel < image.Length; pixel++)
                image[pixel] = Math.Min(16, Math.Floor(image[pixel]));
            double total = image.Sum();
            for (int pixel = 0; pixel < image.Length; pixel++)
                images[(k * image.Length) + pixel] = T.CreateChecked(image[pixel] / total);
        }

        return images;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private Random Stream(int stream) => new(unchecked((seed * 7919) + stream));
}

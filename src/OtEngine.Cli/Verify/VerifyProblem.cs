using System.Numerics;

namespace OtEngine.Cli.Verify;

/// <summary>One drawn problem with potentials, as the engine gets it and as the reference does.</summary>
internal sealed class VerifyProblem<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Of every problem, in cost units; costs are of order one, so that no guard of a sweep objects.</summary>
    public const double Epsilon = 0.5;

    private const int Dimension = 3;
    private const double Spread = 1;
    private readonly Random _random;

    /// <summary>Draws it.</summary>
    /// <param name="kind">dense, points, or grid.</param>
    /// <param name="rows">n; for a grid a square.</param>
    /// <param name="columns">m; for a grid the same.</param>
    /// <param name="seed">Of everything drawn.</param>
    public VerifyProblem(string kind, int rows, int columns, int seed)
    {
        _random = new Random(seed);
        (Kind, Rows, Columns) = (kind, rows, columns);
        Geometry<T> geometry;
        double[] costs;
        switch (kind)
        {
            case "dense":
                T[] entries = Draw(rows * columns, 0, 2);
                costs = Array.ConvertAll(entries, double.CreateChecked);
                geometry = new DenseGeometry<T>(entries, rows, columns);
                break;
            case "points":
                T[] x = Draw(rows * Dimension, 0, 1), y = Draw(columns * Dimension, 0, 1);
                costs = Squares(Array.ConvertAll(x, double.CreateChecked), Array.ConvertAll(y, double.CreateChecked), Dimension);
                geometry = new PointCloudGeometry<T>(x, y, Dimension, Cost.SquaredEuclidean);
                break;
            default:
                // A spacing that every element type holds.
                const double Spacing = 0.0625;
                int side = (int)Math.Sqrt(rows);
                double[] cells = [.. Enumerable.Range(0, rows).SelectMany(k => (double[])[k / side * Spacing, k % side * Spacing])];
                costs = Squares(cells, cells, 2);
                geometry = new GridGeometry<T>([side, side], Spacing);
                break;
        }

        // Uneven, every fifth without mass where there are so many.
        T[] a = Weights(rows), b = Weights(columns);
        Problem = TransportProblem.On(geometry).WithWeights(a, b);
        F = [.. Enumerable.Range(0, rows).Select(_ => Spread * (_random.NextDouble() - 0.5))];
        G = [.. Enumerable.Range(0, columns).Select(_ => Spread * (_random.NextDouble() - 0.5))];
        Reference = new NaiveReference(costs, Shares(a), Shares(b), F, G, Epsilon);
    }

    /// <summary>The kind of geometry.</summary>
    public string Kind { get; }

    /// <summary>n.</summary>
    public int Rows { get; }

    /// <summary>m.</summary>
    public int Columns { get; }

    /// <summary>As the engine gets it.</summary>
    public TransportProblem<T> Problem { get; }

    /// <summary>Potentials of side a.</summary>
    public double[] F { get; }

    /// <summary>Potentials of side b.</summary>
    public double[] G { get; }

    /// <summary>As the reference sees it.</summary>
    public NaiveReference Reference { get; }

    private static double[] Squares(double[] x, double[] y, int dimension)
    {
        double[] costs = new double[x.Length / dimension * (y.Length / dimension)];
        for (int k = 0; k < costs.Length; k++)
        {
            (int i, int j) = (k / (y.Length / dimension) * dimension, k % (y.Length / dimension) * dimension);
            for (int c = 0; c < dimension; c++)
                costs[k] += (x[i + c] - y[j + c]) * (x[i + c] - y[j + c]);
        }

        return costs;
    }

    private static double[] Shares(T[] weights)
    {
        double total = weights.Sum(double.CreateChecked);
        return Array.ConvertAll(weights, weight => double.CreateChecked(weight) / total);
    }

    private T[] Draw(int count, double least, double range) => [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(least + (range * _random.NextDouble())))];

    /// <summary>Of total one; the first atom always has some.</summary>
    private T[] Weights(int count)
    {
        double[] weights = [.. Enumerable.Range(0, count).Select(k => k % 5 == 4 ? 0 : 0.1 + _random.NextDouble())];
        double total = weights.Sum();
        return Array.ConvertAll(weights, weight => T.CreateChecked(weight / total));
    }
}

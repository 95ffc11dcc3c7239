using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cli.Verify;

/// <summary>One drawn problem with potentials, as the engine gets it and as the reference does.</summary>
internal sealed class VerifyProblem<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Of every problem, in cost units; costs are of order one, so that no guard of a sweep objects.</summary>
    public const double Epsilon = 0.5;

    /// <summary>Coordinates of most points; on a device gradients of eight and of more have each a way of their own.</summary>
    private const int Few = 3;

    private const int Many = 11;
    private readonly Random _random;
    private readonly double[] _x = [];
    private readonly double[] _y = [];
    private readonly int _dimension;

    /// <summary>Draws it.</summary>
    /// <param name="kind">dense; points or wide, squared distances of 3 or 11 coordinates; euclidean of 3; cityblock of 11; or grid.</param>
    /// <param name="rows">n; for a grid a square.</param>
    /// <param name="columns">m; for a grid the same.</param>
    /// <param name="seed">Of everything drawn.</param>
    /// <param name="spread">How far potentials lie apart.</param>
    public VerifyProblem(string kind, int rows, int columns, int seed, double spread = 1)
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
            case "grid":
                // A spacing that every element type holds.
                const double Spacing = 0.0625;
                int side = (int)Math.Sqrt(rows);
                double[] cells = [.. Enumerable.Range(0, rows).SelectMany(k => (double[])[k / side * Spacing, k % side * Spacing])];
                costs = Costs("points", cells, cells, 2);
                geometry = new GridGeometry<T>([side, side], Spacing);
                break;
            default:
                _dimension = kind is "cityblock" or "wide" ? Many : Few;
                T[] x = Draw(rows * _dimension, 0, 1.0 / _dimension), y = Draw(columns * _dimension, 0, 1.0 / _dimension);
                (_x, _y) = (Array.ConvertAll(x, double.CreateChecked), Array.ConvertAll(y, double.CreateChecked));
                costs = Costs(kind, _x, _y, _dimension);
                geometry = new PointCloudGeometry<T>(x, y, _dimension, kind switch { "euclidean" => Cost.Euclidean, "cityblock" => Cost.Manhattan, _ => Cost.SquaredEuclidean });
                break;
        }

        // Uneven, every fifth without mass where there are so many.
        T[] a = Weights(rows), b = Weights(columns);
        Problem = TransportProblem.On(geometry).WithWeights(a, b);
        F = [.. Enumerable.Range(0, rows).Select(_ => spread * (_random.NextDouble() - 0.5))];
        G = [.. Enumerable.Range(0, columns).Select(_ => spread * (_random.NextDouble() - 0.5))];
        Reference = new NaiveReference(costs, Shares(a), Shares(b), F, G, Epsilon);
    }

    /// <summary>The kind of geometry.</summary>
    public string Kind { get; }

    /// <summary>Whether it is between points, so that its cost has gradients.</summary>
    public bool HasPoints => _dimension > 0;

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

    /// <summary>sum_j P_ij dc(x_i, y_j)/dx_i for every i, or sum_i P_ij dc(x_i, y_j)/dy_j for every j.</summary>
    public double[] CostGradient(TransportSide side)
    {
        double[] plan = Reference.Plan, gradient = new double[(side == TransportSide.A ? Rows : Columns) * _dimension];
        for (int k = 0; k < plan.Length; k++)
        {
            (int i, int j) = Math.DivRem(k, Columns);
            for (int c = 0; c < _dimension; c++)
            {
                double difference = _x[(i * _dimension) + c] - _y[(j * _dimension) + c];
                double slope = Kind switch
                {
                    "euclidean" => difference == 0 ? 0 : difference / Reference.Costs[k],
                    "cityblock" => Math.Sign(difference),
                    _ => 2 * difference,
                };
                gradient[((side == TransportSide.A ? i : j) * _dimension) + c] += side == TransportSide.A ? plan[k] * slope : -plan[k] * slope;
            }
        }

        return gradient;
    }

    /// <summary>By the definition of each cost: squared Euclidean for points.</summary>
    private static double[] Costs(string kind, double[] x, double[] y, int dimension)
    {
        double[] costs = new double[x.Length / dimension * (y.Length / dimension)];
        for (int k = 0; k < costs.Length; k++)
        {
            (int i, int j) = (k / (y.Length / dimension) * dimension, k % (y.Length / dimension) * dimension);
            for (int c = 0; c < dimension; c++)
                costs[k] += kind == "cityblock" ? Math.Abs(x[i + c] - y[j + c]) : (x[i + c] - y[j + c]) * (x[i + c] - y[j + c]);
            if (kind == "euclidean")
                costs[k] = Math.Sqrt(costs[k]);
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

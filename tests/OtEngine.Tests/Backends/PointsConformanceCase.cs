using System.Numerics;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>Two clouds of points, squared distances of size <see cref="Scale"/> squared, uneven weights of which every fifth is zero, and potentials to start from.</summary>
internal sealed record PointsCase<T>(int Rows, int Columns, int Dimension)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private double[]? _f;
    private double[]? _g;

    /// <summary>Where both clouds lie.</summary>
    public double Shift { get; init; }

    /// <summary>How wide they are.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Coordinates of atoms without mass; 0 leaves them among the others.</summary>
    public double Massless { get; init; }

    public double[] A => Shares(Rows);

    public double[] B => Shares(Columns);

    public double[] F { get => _f ?? Draw(Rows, 3, 0.5); init => _f = value; }

    public double[] G { get => _g ?? Draw(Columns, 4, 0.5); init => _g = value; }

    /// <summary>In double, of the coordinates as they are.</summary>
    public double[] Costs
    {
        get
        {
            (T[] x, T[] y) = (Points(Rows, 1), Points(Columns, 2));
            double[] costs = new double[Rows * Columns];
            for (int k = 0; k < costs.Length; k++)
            {
                for (int c = 0; c < Dimension; c++)
                {
                    double difference = double.CreateChecked(x[(k / Columns * Dimension) + c]) - double.CreateChecked(y[(k % Columns * Dimension) + c]);
                    costs[k] += difference * difference;
                }
            }

            return costs;
        }
    }

    public TransportProblem<T> Problem =>
        TransportProblem.On(new PointCloudGeometry<T>(Points(Rows, 1), Points(Columns, 2), Dimension, Cost.SquaredEuclidean))
            .WithWeights([.. A.Select(T.CreateChecked)], [.. B.Select(T.CreateChecked)]);

    private static bool HasMass(int atom) => atom % 5 != 3;

    /// <summary>As T holds them, over their total.</summary>
    private static double[] Shares(int count)
    {
        Random random = new(count);
        double[] drawn = [.. Enumerable.Range(0, count).Select(k => HasMass(k) ? 0.1 + random.NextDouble() : 0)];
        double[] held = [.. drawn.Select(weight => double.CreateChecked(T.CreateChecked(weight / drawn.Sum())))];
        return [.. held.Select(weight => weight / held.Sum())];
    }

    private T[] Points(int count, int seed)
    {
        double[] drawn = Draw(count * Dimension, seed, Scale * Math.Sqrt(6.0 / Dimension));
        return [.. drawn.Select((value, k) => T.CreateChecked(HasMass(k / Dimension) || Massless == 0 ? Shift + value : Massless))];
    }

    private double[] Draw(int count, int seed, double width)
    {
        Random random = new((seed * 1000) + count + Dimension);
        return [.. Enumerable.Range(0, count).Select(_ => width * (random.NextDouble() - 0.5))];
    }
}

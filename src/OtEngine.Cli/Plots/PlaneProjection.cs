using System.Globalization;

namespace OtEngine.Cli.Plots;

/// <summary>
/// Two clouds in one plane. Two dimensions stay as they are. More are projected on the first two principal axes of both clouds
/// together, weighted by mass: the plane that keeps most of the variance, in which equal lengths stay equal.
/// </summary>
internal sealed class PlaneProjection
{
    // The axes are for the eye: the subspace iteration has settled to a pixel long before.
    private const int Iterations = 100;

    private PlaneProjection(double[] source, double[] target, string nameX, string nameY)
    {
        Source = source;
        Target = target;
        NameX = nameX;
        NameY = nameY;
    }

    /// <summary>n x 2 numbers.</summary>
    public double[] Source { get; }

    /// <summary>m x 2 numbers.</summary>
    public double[] Target { get; }

    /// <summary>What the first axis is.</summary>
    public string NameX { get; }

    /// <summary>What the second axis is.</summary>
    public string NameY { get; }

    /// <summary>Projects two clouds of the same dimension, at least 2.</summary>
    public static PlaneProjection Of(PlotPoints source, PlotPoints target)
    {
        int d = source.Dimension;
        if (d < 2 || target.Dimension != d)
            throw new ArgumentException($"Clouds of dimension {d} and {target.Dimension} have no common plane.", nameof(target));
        if (d == 2)
            return new PlaneProjection(source.Coordinates, target.Coordinates, "first coordinate", "second coordinate");

        double[] mean = Mean(source, target);
        double[] first = Axis(source, target, mean, []);
        double[] second = Axis(source, target, mean, first);
        double total = Variance(source, target, mean);
        return new PlaneProjection(
            Project(source, mean, first, second),
            Project(target, mean, first, second),
            Describe("first", first),
            Describe("second", second));

        string Describe(string rank, double[] axis)
        {
            double share = total > 0 ? Norm(ApplyCovariance(source, target, mean, axis)) / total : 0;
            return string.Create(CultureInfo.InvariantCulture, $"{rank} principal axis ({100 * share:0} % of the variance)");
        }
    }

    private static double[] Mean(PlotPoints source, PlotPoints target)
    {
        var mean = new double[source.Dimension];
        double mass = 0;
        foreach (PlotPoints points in new[] { source, target })
        {
            for (int i = 0; i < points.Count; i++)
            {
                mass += points.Weights[i];
                for (int k = 0; k < mean.Length; k++)
                    mean[k] += points.Weights[i] * points.Coordinates[(i * mean.Length) + k];
            }
        }

        for (int k = 0; k < mean.Length && mass > 0; k++)
            mean[k] /= mass;
        return mean;
    }

    private static double Variance(PlotPoints source, PlotPoints target, double[] mean)
    {
        double sum = 0;
        foreach (PlotPoints points in new[] { source, target })
        {
            for (int i = 0; i < points.Coordinates.Length; i++)
            {
                double difference = points.Coordinates[i] - mean[i % mean.Length];
                sum += points.Weights[i / mean.Length] * difference * difference;
            }
        }

        return sum;
    }

    // Power iteration on the covariance, orthogonal to an axis found before; the covariance itself is never formed.
    private static double[] Axis(PlotPoints source, PlotPoints target, double[] mean, double[] orthogonal)
    {
        var axis = new double[mean.Length];
        for (int k = 0; k < axis.Length; k++)
            axis[k] = 1 + (0.5 * Math.Sin(1 + k + orthogonal.Length));
        Orthonormalise(axis, orthogonal);
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            double[] next = ApplyCovariance(source, target, mean, axis);
            if (!(Norm(next) > 0))
                break;
            Orthonormalise(next, orthogonal);
            axis = next;
        }

        // An axis has no direction of its own; the same picture every time needs one.
        double largest = axis.MaxBy(Math.Abs);
        return largest < 0 ? [.. axis.Select(v => -v)] : axis;
    }

    private static void Orthonormalise(double[] axis, double[] orthogonal)
    {
        double overlap = orthogonal.Length == 0 ? 0 : Dot(axis, orthogonal);
        for (int k = 0; k < orthogonal.Length; k++)
            axis[k] -= overlap * orthogonal[k];
        double norm = Norm(axis);
        for (int k = 0; k < axis.Length && norm > 0; k++)
            axis[k] /= norm;
    }

    private static double[] ApplyCovariance(PlotPoints source, PlotPoints target, double[] mean, double[] axis)
    {
        var result = new double[axis.Length];
        foreach (PlotPoints points in new[] { source, target })
        {
            for (int i = 0; i < points.Count; i++)
            {
                ReadOnlySpan<double> point = points.Coordinates.AsSpan(i * axis.Length, axis.Length);
                double along = 0;
                for (int k = 0; k < axis.Length; k++)
                    along += (point[k] - mean[k]) * axis[k];
                along *= points.Weights[i];
                for (int k = 0; k < axis.Length; k++)
                    result[k] += along * (point[k] - mean[k]);
            }
        }

        return result;
    }

    private static double[] Project(PlotPoints points, double[] mean, double[] first, double[] second)
    {
        var plane = new double[2 * points.Count];
        for (int i = 0; i < points.Count; i++)
        {
            ReadOnlySpan<double> point = points.Coordinates.AsSpan(i * mean.Length, mean.Length);
            for (int k = 0; k < mean.Length; k++)
            {
                plane[2 * i] += (point[k] - mean[k]) * first[k];
                plane[(2 * i) + 1] += (point[k] - mean[k]) * second[k];
            }
        }

        return plane;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double Norm(double[] a) => Math.Sqrt(Dot(a, a));
}

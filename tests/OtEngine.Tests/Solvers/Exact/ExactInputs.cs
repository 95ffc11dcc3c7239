using System.Numerics;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>The three ways to state one problem, in either element type, and the doubles the engine then sees.</summary>
internal static class ExactInputs
{
    public static Cost CostOf(NaiveCost cost) => cost.Name.Split(' ') switch
    {
        ["sqeuclidean"] => Cost.SquaredEuclidean,
        ["euclidean"] => Cost.Euclidean,
        ["cityblock"] => Cost.Manhattan,
        ["chebyshev"] => Cost.Chebyshev,
        ["cosine"] => Cost.Cosine,
        ["pnorm", var p, var q] => Cost.PNorm(
            double.Parse(p, System.Globalization.CultureInfo.InvariantCulture), double.Parse(q, System.Globalization.CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException($"No ground cost is called '{cost.Name}'.", nameof(cost)),
    };

    public static T[] To<T>(double[] values)
        where T : unmanaged, IFloatingPointIeee754<T> => Array.ConvertAll(values, T.CreateTruncating);

    public static double[] Wide<T>(T[] values)
        where T : unmanaged, IFloatingPointIeee754<T> => Array.ConvertAll(values, double.CreateTruncating);

    /// <summary>The values as they are after rounding to an element type.</summary>
    public static double[] Seen<T>(double[] values)
        where T : unmanaged, IFloatingPointIeee754<T> => Array.ConvertAll(values, v => double.CreateTruncating(T.CreateTruncating(v)));

    public static TransportProblem<T> Dense<T>(double[] cost, double[] a, double[] b, double? metricPower = null)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        TransportProblem.On(new DenseGeometry<T>(To<T>(cost), a.Length, b.Length, metricPower)).WithWeights(To<T>(a), To<T>(b));

    public static TransportProblem<T> Points<T>(double[] x, double[] y, int dimension, Cost cost, double[] a, double[] b)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        TransportProblem.On(new PointCloudGeometry<T>(To<T>(x), To<T>(y), dimension, cost)).WithWeights(To<T>(a), To<T>(b));

    /// <summary>The arcs of finite cost.</summary>
    public static TransportProblem<T> Sparse<T>(double[] cost, double[] a, double[] b)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        List<int> starts = [0];
        List<int> columns = [];
        List<T> costs = [];
        for (int i = 0; i < a.Length; i++)
        {
            for (int j = 0; j < b.Length; j++)
            {
                double c = cost[(i * b.Length) + j];
                if (!double.IsFinite(c))
                    continue;
                columns.Add(j);
                costs.Add(T.CreateTruncating(c));
            }

            starts.Add(columns.Count);
        }

        return TransportProblem.On(new SparseGeometry<T>([.. starts], [.. columns], [.. costs], b.Length)).WithWeights(To<T>(a), To<T>(b));
    }
}

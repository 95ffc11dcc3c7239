using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// What a Gromov-Wasserstein problem between points under squared Euclidean inner costs needs of a plan of mass one: its marginals and moments of
/// at most the fourth order, in time n m (d2 + 2) and memory linear in n + m. Points are centred by their weights.
/// </summary>
internal sealed class GromovMoments
{
    private readonly double[] _x;
    private readonly double[] _y;
    private readonly int _dx;
    private readonly int _dy;

    /// <param name="x">n x d1 centred points.</param>
    /// <param name="dx">d1.</param>
    /// <param name="y">m x d2 centred points.</param>
    /// <param name="dy">d2.</param>
    public GromovMoments(double[] x, int dx, double[] y, int dy)
    {
        (_x, _dx, _y, _dy) = (x, dx, y, dy);
        RowSums = new double[x.Length / dx];
        ColumnSums = new double[y.Length / dy];
        Cross = new double[dx * dy];
        MeanX = new double[dx];
        MeanY = new double[dy];
        SquareX = new double[dx];
        SquareY = new double[dy];
    }

    /// <summary>sum_j P_ij.</summary>
    public double[] RowSums { get; }

    /// <summary>sum_i P_ij.</summary>
    public double[] ColumnSums { get; }

    /// <summary>S = sum P_ij x_i y_j^T, d1 x d2.</summary>
    public double[] Cross { get; }

    /// <summary>sum P_ij x_i.</summary>
    public double[] MeanX { get; }

    /// <summary>sum P_ij y_j.</summary>
    public double[] MeanY { get; }

    /// <summary>sum P_ij x_i |y_j|^2.</summary>
    public double[] SquareX { get; }

    /// <summary>sum P_ij |x_i|^2 y_j.</summary>
    public double[] SquareY { get; }

    /// <summary>sum P_ij |x_i|^2 |y_j|^2.</summary>
    public double Squares { get; private set; }

    /// <summary>Takes a plan.</summary>
    public void Take(LoadedPlan plan, Execution execution)
    {
        (int n, int m, int width) = (RowSums.Length, ColumnSums.Length, _dy + 2);
        double[] values = new double[Sizes.Product("The points of side b with their squares", m, width, "use fewer points or coordinates")];
        for (int j = 0; j < m; j++)
        {
            ReadOnlySpan<double> point = _y.AsSpan(j * _dy, _dy);
            point.CopyTo(values.AsSpan(j * width));
            values[(j * width) + _dy] = SquareOf(point);
            values[(j * width) + _dy + 1] = 1;
        }

        double[] images = new double[Sizes.Product("The images of the points of side b", n, width, "use fewer points or coordinates")];
        plan.Apply(transposed: false, values, width, images, execution);
        double[] ones = new double[n];
        Array.Fill(ones, 1);
        plan.Apply(transposed: true, ones, 1, ColumnSums, execution);
        Clear();
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<double> point = _x.AsSpan(i * _dx, _dx);
            ReadOnlySpan<double> image = images.AsSpan(i * width, width);
            double square = SquareOf(point);
            RowSums[i] = image[_dy + 1];
            Squares += square * image[_dy];
            for (int c = 0; c < _dy; c++)
            {
                MeanY[c] += image[c];
                SquareY[c] += square * image[c];
            }

            for (int k = 0; k < _dx; k++)
            {
                MeanX[k] += image[_dy + 1] * point[k];
                SquareX[k] += image[_dy] * point[k];
                for (int c = 0; c < _dy; c++)
                    Cross[(k * _dy) + c] += point[k] * image[c];
            }
        }
    }

    /// <summary>
    /// sum_ijkl (|x_i - x_k|^2 - |y_j - y_l|^2)^2 P_ij P_kl from the moments, with the plan's own sums: nothing is left out.
    /// </summary>
    public double Value()
    {
        (double mass, double squareX, double quarticX) = Quartic(_x, _dx, RowSums);
        (_, double squareY, double quarticY) = Quartic(_y, _dy, ColumnSums);
        double cross = (2 * mass * Squares) + (2 * squareX * squareY) - (4 * Dot(SquareY, MeanY)) - (4 * Dot(SquareX, MeanX)) + (4 * Dot(Cross, Cross));
        return quarticX + quarticY - (2 * cross);
    }

    /// <summary>sum_ik |x_i - x_k|^4 w_i w_k, with sum w_i and sum w_i |x_i|^2.</summary>
    private static (double Mass, double Square, double Quartic) Quartic(double[] points, int dimension, double[] weights)
    {
        CompensatedSum mass = default;
        CompensatedSum square = default;
        CompensatedSum fourth = default;
        double[] mean = new double[dimension];
        double[] third = new double[dimension];
        double[] second = new double[dimension * dimension];
        for (int i = 0; i < weights.Length; i++)
        {
            ReadOnlySpan<double> point = points.AsSpan(i * dimension, dimension);
            double norm = SquareOf(point);
            mass.Add(weights[i]);
            square.Add(weights[i] * norm);
            fourth.Add(weights[i] * norm * norm);
            for (int k = 0; k < dimension; k++)
            {
                mean[k] += weights[i] * point[k];
                third[k] += weights[i] * norm * point[k];
                for (int c = 0; c < dimension; c++)
                    second[(k * dimension) + c] += weights[i] * point[k] * point[c];
            }
        }

        double quartic = (2 * mass.Value * fourth.Value) + (2 * square.Value * square.Value) + (4 * Dot(second, second)) - (8 * Dot(third, mean));
        return (mass.Value, square.Value, quartic);
    }

    public static double SquareOf(ReadOnlySpan<double> point) => Dot(point, point);

    public static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        double sum = 0;
        for (int k = 0; k < left.Length; k++)
            sum = Math.FusedMultiplyAdd(left[k], right[k], sum);
        return sum;
    }

    private void Clear()
    {
        foreach (double[] sums in (double[][])[Cross, MeanX, MeanY, SquareX, SquareY])
            Array.Clear(sums);
        Squares = 0;
    }
}

using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>One problem on a grid, and the matrix its costs make.</summary>
/// <param name="Name">What it is.</param>
/// <param name="AxisCosts">For each axis a matrix, one row a cell of side a.</param>
internal sealed record GridCase(string Name, double[][,] AxisCosts)
{
    public int Rows => AxisCosts.Aggregate(1, (cells, c) => cells * c.GetLength(0));

    public int Columns => AxisCosts.Aggregate(1, (cells, c) => cells * c.GetLength(1));

    /// <summary>Uneven, about a fifth of them zero, of total 1 exactly.</summary>
    public double[] A => Drawn.ExactWeights(31, Rows);

    public double[] B => Drawn.ExactWeights(32, Columns);

    public GridGeometry<double> Geometry => new(AxisCosts);

    /// <summary>C, added up in the order of the axes.</summary>
    public double[] Matrix()
    {
        double[] matrix = new double[Rows * Columns];
        for (int k = 0; k < matrix.Length; k++)
        {
            (int i, int j) = (k / Columns, k % Columns);
            (int restA, int restB) = (Rows, Columns);
            foreach (double[,] costs in AxisCosts)
            {
                restA /= costs.GetLength(0);
                restB /= costs.GetLength(1);
                matrix[k] += costs[i / restA, j / restB];
                (i, j) = (i % restA, j % restB);
            }
        }

        return matrix;
    }

    public DenseGeometry<double> Dense() => new(Matrix(), Rows, Columns);

    public override string ToString() => Name;

    /// <summary>Grids of one to eight axes, squares and rectangles, with costs of one sign and of both.</summary>
    public static IEnumerable<GridCase> All =>
    [
        new("1-D squared", [Power(37, 0.5, 2)]),
        new("2-D squared", [Power(9, 1, 2), Power(13, 0.25, 2)]),
        new("2-D Manhattan", [Power(8, 2, 1), Power(7, 1, 1)]),
        new("3-D squared", [Power(5, 1, 2), Power(6, 0.5, 2), Power(7, 2, 2)]),
        new("3-D, one cell along an axis", [Power(6, 1, 2), Power(1, 1, 2), Power(9, 1, 2)]),
        new("2-D rectangular", [Any(1, 4, 9, 0, 1), Any(2, 11, 3, 0, 1)]),
        new("3-D rectangular, below zero", [Any(3, 3, 5, -2, -1), Any(4, 7, 2, -5, -1), Any(5, 2, 8, -1, 0)]),
        new("3-D rectangular, both signs", [Any(6, 3, 5, -2, 3), Any(7, 4, 4, -1, 1), Any(8, 5, 2, -3, 1)]),
        new("8-D", [.. Enumerable.Range(0, 8).Select(axis => Any(20 + axis, 2, 2, -1, 3))]),
    ];

    private static double[,] Power(int length, double spacing, double exponent)
    {
        double[,] costs = new double[length, length];
        for (int i = 0; i < length; i++)
        {
            for (int j = 0; j < length; j++)
                costs[i, j] = Math.Pow(spacing * Math.Abs(i - j), exponent);
        }

        return costs;
    }

    private static double[,] Any(int seed, int rows, int columns, double least, double largest)
    {
        double[] drawn = Drawn.Uniform(seed, rows * columns);
        double[,] costs = new double[rows, columns];
        for (int k = 0; k < drawn.Length; k++)
            costs[k / columns, k % columns] = least + ((largest - least) * drawn[k]);
        return costs;
    }
}

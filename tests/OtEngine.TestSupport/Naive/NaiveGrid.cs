namespace OtEngine.TestSupport;

/// <summary>A regular grid as the point cloud it is; cells in row-major order, the last axis fastest.</summary>
public static class NaiveGrid
{
    /// <summary>The points of the product of axes, each axis given by its coordinates: cells x axes, row-major.</summary>
    public static double[] Points(double[][] axes) => [.. Cells(axes).SelectMany(point => point)];

    /// <summary>C_kl = sum over axes of the axis' cost between the coordinates of cell k and of cell l, cells x cells.</summary>
    /// <param name="axisCosts">For each axis its costs, row-major and square.</param>
    public static double[] ProductCost(double[][] axisCosts)
    {
        int[] shape = [.. axisCosts.Select(c => (int)Math.Sqrt(c.Length))];
        double[][] cells = [.. Cells([.. shape.Select(s => Enumerable.Range(0, s).Select(k => (double)k).ToArray())])];
        return [.. from k in cells from l in cells select axisCosts.Select((c, axis) => c[((int)k[axis] * shape[axis]) + (int)l[axis]]).Sum()];
    }

    private static IEnumerable<double[]> Cells(double[][] axes) =>
        axes.Aggregate<double[], IEnumerable<double[]>>([[]], (cells, axis) => cells.SelectMany(cell => axis.Select(x => (double[])[.. cell, x])));
}

namespace OtEngine.Cli.Plots;

/// <summary>A weighted point cloud to be drawn.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Coordinates">n x d numbers, row-major.</param>
/// <param name="Dimension">d; at least 1.</param>
/// <param name="Weights">n numbers, not negative.</param>
internal sealed record PlotPoints(string Name, double[] Coordinates, int Dimension, double[] Weights)
{
    /// <summary>The number of points.</summary>
    public int Count => Weights.Length;
}

using System.Numerics;

namespace OtEngine;

/// <summary>Two clouds to compare along lines; the second may be sorted already, and its points are then not there.</summary>
/// <param name="X">n x d coordinates.</param>
/// <param name="Y">m x d coordinates; empty where the cloud is fixed.</param>
/// <param name="A">Weights of x, or null.</param>
/// <param name="B">Weights of y, or null.</param>
/// <param name="Dimension">d.</param>
/// <param name="Fixed">The second cloud where it is sorted already.</param>
internal sealed record SlicedTask<T>(T[] X, T[] Y, T[]? A, T[]? B, int Dimension, SlicedCloud<T>? Fixed = null)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public int CountX => X.Length / Dimension;

    public int CountY => Fixed?.Count ?? (Y.Length / Dimension);

    /// <summary>A problem between points, whatever their ground cost.</summary>
    public static SlicedTask<T> Of(TransportProblem<T> problem)
    {
        if (problem.Geometry is not PointCloudGeometry<T> points)
        {
            Throw.Unsupported($"Sliced distances are between points; the problem has a {problem.Geometry.GetType().Name.Split('`')[0]}.");
            return null!;
        }

        return new SlicedTask<T>(points.X, points.Y, problem.A, problem.B, points.Dimension);
    }
}

using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>Ways to state a Gromov-Wasserstein problem; see <see cref="GromovProblem{T}"/>.</summary>
public static class GromovProblem
{
    /// <summary>Two matrices of inner costs, equally weighted atoms, total mass one on each side.</summary>
    /// <param name="innerA">C1, n x n finite costs.</param>
    /// <param name="innerB">C2, m x m finite costs.</param>
    /// <exception cref="ProblemException">A matrix is empty, not square or not finite.</exception>
    public static GromovProblem<T> FromCosts<T>(T[,] innerA, T[,] innerB)
        where T : unmanaged, IFloatingPointIeee754<T> => On(Inner(innerA, "C1"), Inner(innerB, "C2"));

    /// <inheritdoc cref="FromCosts{T}(T[,], T[,])"/>
    public static GromovProblem<T> FromCosts<T>(Tensor<T> innerA, Tensor<T> innerB)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(innerA);
        ArgumentNullException.ThrowIfNull(innerB);
        return On(new DenseGeometry<T>(innerA.AsReadOnlyTensorSpan()), new DenseGeometry<T>(innerB.AsReadOnlyTensorSpan()));
    }

    /// <summary>Two clouds of equally weighted points in spaces of their own; inner costs are the ground cost between points of one cloud.</summary>
    /// <param name="x">n x d1 finite coordinates (a vector is n points on the line).</param>
    /// <param name="y">m x d2 finite coordinates; d2 may differ from d1.</param>
    /// <param name="cost">The ground cost; null is <see cref="Cost.SquaredEuclidean"/>.</param>
    /// <exception cref="ProblemException">Empty or not finite points.</exception>
    public static GromovProblem<T> Between<T>(Tensor<T> x, Tensor<T> y, Cost? cost = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        Cost ground = cost ?? Cost.SquaredEuclidean;
        return On(
            new PointCloudGeometry<T>(x.AsReadOnlyTensorSpan(), x.AsReadOnlyTensorSpan(), ground),
            new PointCloudGeometry<T>(y.AsReadOnlyTensorSpan(), y.AsReadOnlyTensorSpan(), ground));
    }

    /// <summary>Inner costs by geometries, n x n and m x m, equally weighted atoms, total mass one on each side.</summary>
    /// <exception cref="ProblemException">A geometry is not square, or is sparse.</exception>
    public static GromovProblem<T> On<T>(Geometry<T> innerA, Geometry<T> innerB)
        where T : unmanaged, IFloatingPointIeee754<T> => new(innerA, innerB, null, null, null, 1);

    private static DenseGeometry<T> Inner<T>(T[,] costs, string what)
        where T : unmanaged, IFloatingPointIeee754<T> => new(Matrix.Copy(costs, what), costs.GetLength(0), costs.GetLength(1));
}

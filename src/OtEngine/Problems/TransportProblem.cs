using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>Ways to state a balanced transport problem; see <see cref="TransportProblem{T}"/>.</summary>
public static class TransportProblem
{
    /// <summary>Transport between two clouds of equally weighted points, total mass one on each side.</summary>
    /// <param name="x">n x d coordinates (a vector is n points on the line).</param>
    /// <param name="y">m x d coordinates.</param>
    /// <param name="cost">The ground cost; null is <see cref="Cost.SquaredEuclidean"/>.</param>
    /// <exception cref="ProblemException">The points are empty, not finite, or differ in dimension.</exception>
    public static TransportProblem<T> Between<T>(Tensor<T> x, Tensor<T> y, Cost? cost = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        return Between<T>(x.AsReadOnlyTensorSpan(), y.AsReadOnlyTensorSpan(), cost);
    }

    /// <inheritdoc cref="Between{T}(Tensor{T}, Tensor{T}, Cost?)"/>
    public static TransportProblem<T> Between<T>(in ReadOnlyTensorSpan<T> x, in ReadOnlyTensorSpan<T> y, Cost? cost = null)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        On(new PointCloudGeometry<T>(x, y, cost ?? Cost.SquaredEuclidean));

    /// <inheritdoc cref="Between{T}(Tensor{T}, Tensor{T}, Cost?)"/>
    public static TransportProblem<T> Between<T>(T[,] x, T[,] y, Cost? cost = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] points = Matrix.Copy(x, "x");
        int dimension = x.GetLength(1);
        if (y is not null && y.Length > 0 && y.GetLength(1) != dimension)
            Throw.ShapeMismatch("A row of y", y.GetLength(1), dimension, "as in x");
        return On(new PointCloudGeometry<T>(points, Matrix.Copy(y!, "y"), dimension, cost ?? Cost.SquaredEuclidean));
    }

    /// <summary>Transport with a given cost matrix, equally weighted atoms, total mass one on each side.</summary>
    /// <param name="costs">n x m finite costs.</param>
    /// <exception cref="ProblemException">The matrix is empty or not finite.</exception>
    public static TransportProblem<T> FromCosts<T>(T[,] costs)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        On(new DenseGeometry<T>(Matrix.Copy(costs, "The cost matrix"), costs.GetLength(0), costs.GetLength(1)));

    /// <inheritdoc cref="FromCosts{T}(T[,])"/>
    public static TransportProblem<T> FromCosts<T>(Tensor<T> costs)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(costs);
        return On(new DenseGeometry<T>(costs.AsReadOnlyTensorSpan()));
    }

    /// <summary>Transport on a geometry, equally weighted atoms, total mass one on each side.</summary>
    public static TransportProblem<T> On<T>(Geometry<T> geometry)
        where T : unmanaged, IFloatingPointIeee754<T> => new(geometry, null, null);
}

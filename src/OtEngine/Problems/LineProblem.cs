using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>Ways to state transport on the line and on the circle; see <see cref="LineProblem{T}"/>.</summary>
public static class LineProblem
{
    /// <summary>Transport between equally weighted points on the line, total mass one on each side, at the cost |x - y|^p.</summary>
    /// <param name="x">n finite positions (a vector, or a matrix of one column).</param>
    /// <param name="y">m finite positions.</param>
    /// <param name="p">Order, at least 1 and finite.</param>
    /// <exception cref="ProblemException">The points are empty, not finite or not one-dimensional, or p is below 1.</exception>
    public static LineProblem<T> Between<T>(Tensor<T> x, Tensor<T> y, double p = 2)
        where T : unmanaged, IFloatingPointIeee754<T> => new(Positions(x, "x"), Positions(y, "y"), p, null, null, null);

    /// <inheritdoc cref="Between{T}(Tensor{T}, Tensor{T}, double)"/>
    public static LineProblem<T> Between<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, double p = 2)
        where T : unmanaged, IFloatingPointIeee754<T> => new(x.ToArray(), y.ToArray(), p, null, null, null);

    private static T[] Positions<T>(Tensor<T> points, string what)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(points, what);
        T[] positions = Matrix.Copy(points.AsReadOnlyTensorSpan(), what, out _, out int columns);
        if (columns != 1)
            Throw.ShapeMismatch($"A row of {what}", columns, 1, "as the points lie on a line");
        return positions;
    }
}

using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>
/// A transport plan P of <see cref="Rows"/> by <see cref="Columns"/>: P[i, j] is the mass moved from atom i of side a to
/// atom j of side b. Lazy: only <see cref="Materialize"/> makes the matrix.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public abstract class TransportPlan<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private protected TransportPlan(int rows, int columns)
    {
        Rows = rows;
        Columns = columns;
    }

    /// <summary>n, atoms of side a.</summary>
    public int Rows { get; }

    /// <summary>m, atoms of side b.</summary>
    public int Columns { get; }

    /// <summary>destination_i = sum_j P_ij values_j, accumulated in double.</summary>
    /// <param name="values">m values.</param>
    /// <param name="destination">n values; must not overlap the input.</param>
    /// <exception cref="ProblemException">Wrong lengths, or overlap.</exception>
    public abstract void Apply(ReadOnlySpan<T> values, Span<T> destination);

    /// <summary>destination_j = sum_i P_ij values_i, accumulated in double.</summary>
    /// <param name="values">n values.</param>
    /// <param name="destination">m values; must not overlap the input.</param>
    /// <exception cref="ProblemException">Wrong lengths, or overlap.</exception>
    public abstract void ApplyTransposed(ReadOnlySpan<T> values, Span<T> destination);

    /// <summary>The plan as a dense matrix, row-major; Rows x Columns elements.</summary>
    /// <exception cref="ProblemException"><see cref="ProblemError.TooLarge"/>: more elements than an array can hold.</exception>
    public abstract Tensor<T> Materialize();

    /// <summary>The entries above a threshold, in row-major order.</summary>
    /// <param name="threshold">Entries of at most this mass are left out; at least 0.</param>
    public abstract IReadOnlyList<PlanEntry> ToSparse(double threshold = 0);

    /// <summary>
    /// Draws pairs (i, j) with probability P_ij / mass, independently, with replacement: the minibatch coupling of flow
    /// matching. The same generator state gives the same pairs.
    /// </summary>
    /// <param name="random">The source of randomness.</param>
    /// <param name="count">How many pairs, at least 0.</param>
    public abstract (int Row, int Column)[] Sample(Random random, int count);

    /// <summary>
    /// The barycentric map: row i of the answer is sum_j P_ij y_j / sum_j P_ij, where atom i goes on average. Rows
    /// without mass give NaN.
    /// </summary>
    /// <param name="y">m x d coordinates, row-major.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="destination">n x d coordinates; must not overlap the input.</param>
    /// <exception cref="ProblemException">Wrong lengths, or overlap.</exception>
    public abstract void Barycentric(ReadOnlySpan<T> y, int dimension, Span<T> destination);

    /// <inheritdoc cref="Barycentric(ReadOnlySpan{T}, int, Span{T})"/>
    /// <returns>n x d coordinates.</returns>
    public Tensor<T> Barycentric(Tensor<T> y)
    {
        ArgumentNullException.ThrowIfNull(y);
        T[] points = Matrix.Copy(y.AsReadOnlyTensorSpan(), "y", out _, out int dimension);
        T[] images = new T[Sizes.Product("The barycentric map", Rows, dimension, "map fewer points")];
        Barycentric(points, dimension, images);
        return Tensor.Create(images, [Rows, dimension]);
    }

    /// <summary>Releases the memory of the plan.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the memory of the plan.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}

using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

/// <summary>
/// A dual potential as a function on the whole space: on side a f(x) = min_j c(x, y_j) - g_j over the atoms y_j that have
/// mass, on side b g(y) = min_i c(x_i, y) - f_i, in double. Made by <see cref="Engine.Potential"/> and evaluated on its
/// threads; immutable, and safe to use from any of them. Memory: one double a coordinate of the support.
/// </summary>
/// <remarks>
/// <para>The function is c-concave. On the support of an exact answer it reproduces that answer's potential, to rounding.</para>
/// <para>
/// Where c is a metric, f is 1-Lipschitz for it and f(y_j) = -g_j on the support of side b, so that f alone is the
/// Kantorovich-Rubinstein potential: W_1 = sum_i a_i f(x_i) - sum_j b_j f(y_j). The function of side b then satisfies
/// g >= -f everywhere, with equality on both supports.
/// </para>
/// <para>
/// Where the minimum is attained at one atom y, that atom is the image of x under the c-concave map of f, an estimate of the
/// Monge map from samples. For the squared Euclidean cost that is T(x) = x - grad f(x) / 2.
/// </para>
/// <para>Source: C. Villani, Optimal Transport: Old and New (2009), chapter 5.</para>
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class KantorovichPotential<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Engine _engine;
    private readonly T[] _cloud;
    private readonly PointSoftMin<T> _softMin;

    internal KantorovichPotential(Engine engine, TransportSide side, Cost cost, T[] cloud, int dimension, double[] shift)
    {
        _engine = engine;
        _cloud = cloud;
        Side = side;
        Cost = cost;
        Dimension = dimension;
        _softMin = new PointSoftMin<T>(cost, cloud, dimension, shift);
    }

    /// <summary>The side this is the potential of: f of side a, g of side b.</summary>
    public TransportSide Side { get; }

    /// <summary>The ground cost c.</summary>
    public Cost Cost { get; }

    /// <summary>d, the number of coordinates of a point.</summary>
    public int Dimension { get; }

    /// <summary>The potential at one point. O(m d) for m atoms of the other side.</summary>
    /// <param name="point">d finite coordinates.</param>
    /// <exception cref="ProblemException">Wrong dimension, not finite, or a zero point under the cosine cost.</exception>
    public double At(ReadOnlySpan<T> point)
    {
        if (point.Length != Dimension)
            Throw.ShapeMismatch("The point", point.Length, Dimension, "as the problem's points have");
        double value = 0;
        At(point, new Span<double>(ref value));
        return value;
    }

    /// <summary>
    /// The potential at many points. O(m d) a point, on the engine's threads; positive infinity where every cost exceeds the
    /// range of double.
    /// </summary>
    /// <param name="points">k x d finite coordinates, one point a row.</param>
    /// <param name="destination">k values; must not overlap the input.</param>
    /// <param name="cancellationToken">Observed within 50 ms; the destination may then be partly written.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">Wrong lengths, not finite, a zero point under the cosine cost, or overlap.</exception>
    public void At(ReadOnlySpan<T> points, Span<double> destination, CancellationToken cancellationToken = default)
    {
        RequirePoints<double>(points, destination, 1);
        _softMin.Evaluate(points, destination, [], Begin(cancellationToken));
    }

    /// <summary>
    /// The index of the atom of the other side that attains the minimum at each point; the lowest one of several. Where every
    /// cost exceeds the range of double, the lowest one that has mass.
    /// </summary>
    /// <inheritdoc cref="At(ReadOnlySpan{T}, Span{double}, CancellationToken)"/>
    public void Atoms(ReadOnlySpan<T> points, Span<int> destination, CancellationToken cancellationToken = default)
    {
        RequirePoints<int>(points, destination, 1);
        _softMin.Evaluate(points, [], destination, Begin(cancellationToken));
    }

    /// <summary>
    /// The c-concave map: where each point goes, the atom of the other side that attains the minimum, the one of lowest index
    /// of several.
    /// </summary>
    /// <param name="points">k x d finite coordinates, one point a row.</param>
    /// <param name="destination">k x d coordinates; must not overlap the input.</param>
    /// <param name="cancellationToken">Observed within 50 ms; the destination is then left as it was.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">Wrong lengths, not finite, a zero point under the cosine cost, or overlap.</exception>
    public void Map(ReadOnlySpan<T> points, Span<T> destination, CancellationToken cancellationToken = default)
    {
        RequirePoints<T>(points, destination, Dimension);
        int[] atoms = new int[points.Length / Dimension];
        _softMin.Evaluate(points, [], atoms, Begin(cancellationToken));
        for (int k = 0; k < atoms.Length; k++)
            _cloud.AsSpan(atoms[k] * Dimension, Dimension).CopyTo(destination[(k * Dimension)..]);
    }

    private Execution Begin(CancellationToken cancellationToken) => _engine.Begin(1, progress: null, cancellationToken);

    private void RequirePoints<TValue>(ReadOnlySpan<T> points, ReadOnlySpan<TValue> destination, int valuesPerPoint)
        where TValue : unmanaged
    {
        int count = points.Length / Dimension;
        if (points.Length % Dimension != 0)
            Throw.ShapeMismatch("points", points.Length, (long)count * Dimension, $"a multiple of the dimension {Dimension}");
        if (destination.Length != count * valuesPerPoint)
            Throw.ShapeMismatch("The destination", destination.Length, (long)count * valuesPerPoint, $"for {count} points");
        Validate.NoOverlap("The destination", destination, "the points", points);
        Validate.Finite("points", points);
        if (Cost.Kind == CostKind.Cosine)
            PointCloudGeometry<T>.RequireDirections(points, Dimension, "points");
    }
}

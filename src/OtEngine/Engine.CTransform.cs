using System.Numerics;
using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine;

public sealed partial class Engine
{
    /// <summary>
    /// The hard c-transform of a potential, at the atoms of the other side, in double:
    /// f_i = min over j with b_j > 0 of C_ij - g_j for side a, g_j = min over i with a_i > 0 of C_ij - f_i for side b.
    /// Together with the potential it came from, it satisfies f_i + g_j &lt;= C_ij (to rounding) wherever the given side has
    /// mass, and no larger potential does.
    /// </summary>
    /// <remarks>
    /// O(n m) costs, on points computed on the fly in memory linear in n + m; over the arcs alone on a sparse geometry, along one axis
    /// after the other on a grid. An atom that no arc joins to the support, or whose costs all exceed the range of double, gets positive infinity.
    /// </remarks>
    /// <param name="geometry">The costs, n x m.</param>
    /// <param name="side">The side of the answer: a gives f from g, b gives g from f.</param>
    /// <param name="potential">The potential of the other side; finite wherever that side has mass, not read elsewhere.</param>
    /// <param name="weights">The weights of the other side, which say what its support is; empty if all its atoms have mass.</param>
    /// <param name="destination">Receives one value an atom of the side; must not overlap the input.</param>
    /// <param name="cancellationToken">Observed within 50 ms; the destination may then be partly written.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProblemException">Wrong lengths, overlap, a potential that is not finite, or weights that are negative, not finite or all zero.</exception>
    public void CTransform<T>(
        Geometry<T> geometry,
        TransportSide side,
        ReadOnlySpan<double> potential,
        ReadOnlySpan<T> weights,
        Span<double> destination,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(geometry);
        bool sideA = IsSideA(side);
        (int count, int otherCount) = sideA ? (geometry.Rows, geometry.Columns) : (geometry.Columns, geometry.Rows);
        if (destination.Length != count)
            Throw.ShapeMismatch("The destination", destination.Length, count, "one value an atom of the side");
        Validate.NoOverlap<double, double>("The destination", destination, "the potential", potential);
        Validate.NoOverlap<double, T>("The destination", destination, "the weights", weights);
        double[] shift = Shift(potential, weights, otherCount);
        Execution execution = Begin(1, progress: null, cancellationToken);
        switch (geometry)
        {
            case PointCloudGeometry<T> points:
                (T[] own, T[] other) = sideA ? (points.X, points.Y) : (points.Y, points.X);
                new PointSoftMin<T>(points.Cost, other, points.Dimension, shift).Evaluate(own, destination, [], execution);
                break;
            case DenseGeometry<T> dense:
                DenseCostRows<T> rows = new(dense.Costs, dense.Rows, dense.Columns);
                double[] minima = new double[count];
                if (sideA)
                    SoftMin.Rows(rows, 1, shift, minima, null, execution);
                else
                    SoftMin.Columns(rows, shift, minima, execution);
                minima.CopyTo(destination);
                break;
            case GridGeometry<T> grid:
                GridCTransform.Run(grid, sideA, shift, destination, execution);
                break;
            case SparseGeometry<T> sparse:
                double[] overArcs = new double[count];
                SoftMin.Arcs(sparse, sideA, shift, overArcs, cancellationToken);
                overArcs.CopyTo(destination);
                break;
            default:
                Throw.Unsupported($"The geometry {geometry.GetType().Name} has no c-transform.");
                break;
        }
    }

    /// <summary>
    /// A potential of a problem on points as a function on the whole space: f(x) = min over j with b_j > 0 of c(x, y_j) - g_j,
    /// or g(y) = min over i with a_i > 0 of c(x_i, y) - f_i.
    /// </summary>
    /// <param name="problem">A problem on points.</param>
    /// <param name="potentials">Its potentials, those of a <see cref="TransportResult{T}"/> for instance; only the other side's is read.</param>
    /// <param name="side">The side of the answer: a gives f, b gives g.</param>
    /// <exception cref="ProblemException">The problem is not on points, or the potentials do not fit it or are not finite.</exception>
    public KantorovichPotential<T> Potential<T>(TransportProblem<T> problem, DualPotentials potentials, TransportSide side)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(potentials);
        ObjectDisposedException.ThrowIf(_disposed, this);
        bool sideA = IsSideA(side);
        if (problem.Geometry is not PointCloudGeometry<T> points)
        {
            Throw.Unsupported("A potential at new points needs a problem on points; use CTransform for potentials at the atoms.");
            return null;
        }

        potentials.Require(points.Rows, points.Columns);
        double[] shift = sideA
            ? Shift<T>(potentials.G.Span, problem.B, points.Columns)
            : Shift<T>(potentials.F.Span, problem.A, points.Rows);
        return new KantorovichPotential<T>(this, side, points.Cost, sideA ? points.Y : points.X, points.Dimension, shift);
    }

    private static bool IsSideA(TransportSide side)
    {
        if (side is not (TransportSide.A or TransportSide.B))
            Throw.OutOfRange("The side", (int)side, "A (0) or B (1)");
        return side == TransportSide.A;
    }

    /// <summary>What SoftMin adds to the costs: minus the potential on the support, positive infinity off it.</summary>
    private static double[] Shift<T>(ReadOnlySpan<double> potential, ReadOnlySpan<T> weights, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (potential.Length != count)
            Throw.ShapeMismatch("The potential", potential.Length, count, "one value an atom of the other side");
        if (!weights.IsEmpty)
            Validate.Weights("The weights", weights, count, "one an atom of the other side");
        double[] shift = new double[count];
        for (int k = 0; k < count; k++)
        {
            bool hasMass = weights.IsEmpty || weights[k] > T.Zero;
            if (hasMass && !double.IsFinite(potential[k]))
                Throw.NotFinite("The potential", k, potential[k]);
            shift[k] = hasMass ? -potential[k] : double.PositiveInfinity;
        }

        return shift;
    }
}

using System.Text.Json;

namespace OtEngine.TestSupport;

/// <summary>
/// An entropic transport problem, min &lt;C,P&gt; + eps KL(P | a b^T) over plans with row sums a and column sums b, and its answer.
/// Matrices and clouds are row-major.
/// </summary>
public sealed class EntropicCase
{
    /// <summary>Family and ratio of eps to the median of |C|.</summary>
    public required string Name { get; init; }

    /// <summary>eps over the median of |C|: 1e-3, 1e-2, 1e-1, 1 or 10.</summary>
    public required double Ratio { get; init; }

    /// <summary>The ground cost between <see cref="X"/> and <see cref="Y"/>, null where <see cref="Matrix"/> is given.</summary>
    public required NaiveCost? Cost { get; init; }

    /// <summary>Coordinates of one point, 0 where <see cref="Matrix"/> is given.</summary>
    public required int Dimension { get; init; }

    /// <summary>n points.</summary>
    public required double[] X { get; init; }

    /// <summary>m points.</summary>
    public required double[] Y { get; init; }

    /// <summary>The cost matrix, n x m, null where the problem is given by points.</summary>
    public required double[]? Matrix { get; init; }

    /// <summary>
    /// Cells along each axis where both clouds are one regular grid, the last axis fastest; else empty. The cost is then a sum over axes.
    /// </summary>
    public required int[] Shape { get; init; }

    /// <summary>The distance of neighbours along each axis of a grid.</summary>
    public required double[] Spacings { get; init; }

    /// <summary>n weights; zeros occur, and the total need not be 1.</summary>
    public required double[] A { get; init; }

    /// <summary>m weights of the same total, to the last bit.</summary>
    public required double[] B { get; init; }

    /// <summary>eps, in the units of the cost.</summary>
    public required double Epsilon { get; init; }

    /// <summary>&lt;C,P&gt; of the optimal plan, the double nearest to it.</summary>
    public required double TransportCost { get; init; }

    /// <summary>&lt;C,P&gt; + eps KL(P | a b^T), the double nearest to it.</summary>
    public required double RegularizedCost { get; init; }

    /// <summary>min &lt;C,P&gt; without entropy, the double nearest to it.</summary>
    public required double ExactCost { get; init; }

    /// <summary>n potentials, the soft c-transform of g where there is no mass; sum a f = sum b g.</summary>
    public required double[] F { get; init; }

    /// <summary>m potentials, the soft c-transform of f where there is no mass.</summary>
    public required double[] G { get; init; }

    /// <summary>The cost matrix, n x m: the given one, or the ground cost between the points in double precision.</summary>
    public double[] CostMatrix() => Matrix ?? Cost!.Between(X, Y, Dimension);

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static EntropicCase Read(JsonElement problem)
    {
        bool isMatrix = problem.TryGetProperty("matrix", out _), isGrid = problem.TryGetProperty("shape", out _);
        int points = problem.Exponent("points_exponent"), weights = problem.Exponent("weights_exponent");
        return new EntropicCase
        {
            Name = problem.Text("name"),
            Ratio = problem.GetProperty("ratio").GetDouble(),
            Cost = isMatrix ? null : NaiveCost.Named(problem.Text("cost"), problem.Number("p", 0), problem.Number("q", 0)),
            Dimension = isMatrix ? 0 : problem.Columns("x"),
            X = isMatrix ? [] : problem.Numbers("x", points),
            Y = isMatrix ? [] : problem.Numbers("y", points),
            Matrix = isMatrix ? problem.Numbers("matrix", problem.Exponent("cost_exponent")) : null,
            Shape = isGrid ? problem.Indices("shape") : [],
            Spacings = isGrid ? problem.Numbers("spacings", points) : [],
            A = problem.Numbers("a", weights),
            B = problem.Numbers("b", weights),
            Epsilon = problem.GetProperty("epsilon").GetDouble(),
            TransportCost = problem.GetProperty("transport_cost").GetDouble(),
            RegularizedCost = problem.GetProperty("regularized_cost").GetDouble(),
            ExactCost = problem.GetProperty("exact_cost").GetDouble(),
            F = problem.Numbers("f"),
            G = problem.Numbers("g"),
        };
    }
}

using System.Text.Json;

namespace OtEngine.TestSupport;

/// <summary>A balanced transport problem and its exact value. Matrices and clouds are row-major.</summary>
public sealed class ExactCase
{
    /// <summary>Family and number.</summary>
    public required string Name { get; init; }

    /// <summary>What is hard about the problem; the families are described in tests/generate/exact_families.py.</summary>
    public required string Family { get; init; }

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

    /// <summary>n weights; zeros occur, and the total need not be 1.</summary>
    public required double[] A { get; init; }

    /// <summary>m weights of the same total, to the last bit.</summary>
    public required double[] B { get; init; }

    /// <summary>min &lt;C,P&gt;, the double nearest to the exact value.</summary>
    public required double Value { get; init; }

    /// <summary>sum |C_ij| P_ij of one optimal plan: what a relative tolerance refers to.</summary>
    public required double Magnitude { get; init; }

    /// <summary>The cost matrix, n x m: the given one, or the ground cost between the points in double precision.</summary>
    public double[] CostMatrix() => Matrix ?? Cost!.Between(X, Y, Dimension);

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static ExactCase Read(JsonElement problem)
    {
        bool isMatrix = problem.TryGetProperty("matrix", out _);
        int points = problem.Exponent("points_exponent"), weights = problem.Exponent("weights_exponent");
        return new ExactCase
        {
            Name = problem.Text("name"),
            Family = problem.Text("family"),
            Cost = isMatrix ? null : NaiveCost.Named(problem.Text("cost"), problem.Number("p", 0), problem.Number("q", 0)),
            Dimension = isMatrix ? 0 : problem.Columns("x"),
            X = isMatrix ? [] : problem.Numbers("x", points),
            Y = isMatrix ? [] : problem.Numbers("y", points),
            Matrix = isMatrix ? problem.Numbers("matrix", problem.Exponent("cost_exponent")) : null,
            A = problem.Numbers("a", weights),
            B = problem.Numbers("b", weights),
            Value = problem.GetProperty("value").GetDouble(),
            Magnitude = problem.GetProperty("magnitude").GetDouble(),
        };
    }
}

using System.Text.Json;

namespace OtEngine.TestSupport;

/// <summary>One problem of the design's reference file: named arrays, named expected values, a tolerance.</summary>
public sealed class ReferenceCase
{
    /// <summary>The case's name in the file.</summary>
    public required string Name { get; init; }

    /// <summary>exact, sinkhorn, assignment, line, circle, sliced or gw-entropic.</summary>
    public required string Family { get; init; }

    /// <summary>The ground cost's name (exact and sinkhorn cases; "matrix" where C is given), else empty.</summary>
    public required string Cost { get; init; }

    /// <summary>The power p (line, circle and sliced), else NaN.</summary>
    public required double P { get; init; }

    /// <summary>eps (sinkhorn and gw-entropic cases), else NaN.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Relative tolerance of the expected values.</summary>
    public required double RelativeTolerance { get; init; }

    /// <summary>Absolute tolerance of the expected values.</summary>
    public required double AbsoluteTolerance { get; init; }

    /// <summary>Row-major arrays x, y, a, b, C, or C1, C2, p, q, with their numbers of columns (1 for a vector).</summary>
    public required IReadOnlyDictionary<string, (double[] Values, int Columns)> Arrays { get; init; }

    /// <summary>Expected values, row-major where not a scalar: transport_cost, regularized_cost, cost, plan, gw.</summary>
    public required IReadOnlyDictionary<string, double[]> Expected { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static ReferenceCase Read(JsonElement problem)
    {
        JsonElement parameters = problem.GetProperty("params"), arrays = problem.GetProperty("arrays"), expected = problem.GetProperty("expected");
        return new ReferenceCase
        {
            Name = problem.Text("name"),
            Family = problem.Text("family"),
            Cost = parameters.TryGetProperty("cost", out _) ? parameters.Text("cost") : "",
            P = parameters.Number("p", double.NaN),
            Epsilon = parameters.Number("epsilon", double.NaN),
            RelativeTolerance = problem.GetProperty("rtol").GetDouble(),
            AbsoluteTolerance = problem.GetProperty("atol").GetDouble(),
            Arrays = arrays.EnumerateObject().ToDictionary(
                e => e.Name, e => (arrays.Numbers(e.Name), arrays.Columns(e.Name)), StringComparer.Ordinal),
            Expected = expected.EnumerateObject().ToDictionary(e => e.Name, e => expected.Numbers(e.Name), StringComparer.Ordinal),
        };
    }
}

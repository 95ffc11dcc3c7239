using System.Globalization;
using System.Text.Json;

namespace OtEngine.TestSupport;

/// <summary>Two measures on the line, or on the circle of length 1, and W_p^p for several p.</summary>
public sealed class OneDimensionalCase
{
    /// <summary>Kind and number.</summary>
    public required string Name { get; init; }

    /// <summary>n points, unsorted, with repetitions; on the circle in [0, 1).</summary>
    public required double[] X { get; init; }

    /// <summary>m points.</summary>
    public required double[] Y { get; init; }

    /// <summary>n weights; zeros occur, and the total need not be 1.</summary>
    public required double[] A { get; init; }

    /// <summary>m weights of the same total, to the last bit.</summary>
    public required double[] B { get; init; }

    /// <summary>W_p^p by p, not divided by the mass; the double nearest to the exact value.</summary>
    public required IReadOnlyDictionary<double, double> Values { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static OneDimensionalCase Read(JsonElement problem)
    {
        int points = problem.Exponent("points_exponent"), weights = problem.Exponent("weights_exponent");
        return new OneDimensionalCase
        {
            Name = problem.Text("name"),
            X = problem.Numbers("x", points),
            Y = problem.Numbers("y", points),
            A = problem.Numbers("a", weights),
            B = problem.Numbers("b", weights),
            Values = problem.GetProperty("values").EnumerateObject().ToDictionary(
                entry => double.Parse(entry.Name, CultureInfo.InvariantCulture), entry => entry.Value.GetDouble()),
        };
    }
}

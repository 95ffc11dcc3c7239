using System.Text.Json;

namespace OtEngine.TestSupport;

/// <summary>A transport problem with one optimal plan, the plan's barycentric map, and a c-transform at new points.</summary>
public sealed class TransformCase
{
    /// <summary>Cost and sizes.</summary>
    public required string Name { get; init; }

    /// <summary>The ground cost.</summary>
    public required NaiveCost Cost { get; init; }

    /// <summary>Coordinates of one point.</summary>
    public required int Dimension { get; init; }

    /// <summary>n points.</summary>
    public required double[] X { get; init; }

    /// <summary>m points.</summary>
    public required double[] Y { get; init; }

    /// <summary>n weights, zeros among them.</summary>
    public required double[] A { get; init; }

    /// <summary>m weights of the same total, zeros among them.</summary>
    public required double[] B { get; init; }

    /// <summary>The plan, n x m.</summary>
    public required double[] Plan { get; init; }

    /// <summary>sum_j P_ij y_j / a_i, n x d; NaN in a row without mass.</summary>
    public required double[] Barycentric { get; init; }

    /// <summary>m potentials.</summary>
    public required double[] G { get; init; }

    /// <summary>New points z.</summary>
    public required double[] NewPoints { get; init; }

    /// <summary>min_j c(z, y_j) - g_j over the atoms y_j with mass.</summary>
    public required double[] CTransform { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static TransformCase Read(JsonElement problem)
    {
        int points = problem.Exponent("points_exponent"), weights = problem.Exponent("weights_exponent");
        int dimension = problem.Columns("x");
        double[] a = problem.Numbers("a", weights), b = problem.Numbers("b", weights);
        double[] plan = new double[a.Length * b.Length];
        foreach (var entry in problem.GetProperty("plan").EnumerateArray())
            plan[(entry[0].GetInt32() * b.Length) + entry[1].GetInt32()] = entry[2].GetDouble();
        return new TransformCase
        {
            Name = problem.Text("name"),
            Cost = NaiveCost.Named(problem.Text("cost"), 0, 0),
            Dimension = dimension,
            X = problem.Numbers("x", points),
            Y = problem.Numbers("y", points),
            A = a,
            B = b,
            Plan = plan,
            Barycentric = [.. problem.GetProperty("barycentric").EnumerateArray().SelectMany(row => row.ValueKind == JsonValueKind.Null
                ? Enumerable.Repeat(double.NaN, dimension)
                : row.EnumerateArray().Select(v => v.GetDouble()))],
            G = problem.Numbers("g", problem.Exponent("g_exponent")),
            NewPoints = problem.Numbers("new_points", points),
            CTransform = problem.Numbers("c_transform"),
        };
    }
}

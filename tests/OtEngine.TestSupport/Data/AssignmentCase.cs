using System.Text.Json;

namespace OtEngine.TestSupport;

/// <summary>A linear assignment problem and SciPy's answer, index for index.</summary>
public sealed class AssignmentCase
{
    /// <summary>Family, shape and number.</summary>
    public required string Name { get; init; }

    /// <summary>Rows of the cost matrix.</summary>
    public required int RowCount { get; init; }

    /// <summary>Columns of the cost matrix.</summary>
    public required int ColumnCount { get; init; }

    /// <summary>Row-major costs; a forbidden pair is plus infinity, minus infinity when maximising.</summary>
    public required double[] Cost { get; init; }

    /// <summary>Whether the total is maximised.</summary>
    public required bool Maximize { get; init; }

    /// <summary>False where every assignment uses a forbidden pair; then there are no indices.</summary>
    public required bool IsFeasible { get; init; }

    /// <summary>The assigned rows, ascending.</summary>
    public required int[] Rows { get; init; }

    /// <summary>The column of each assigned row.</summary>
    public required int[] Columns { get; init; }

    /// <summary>The optimal total, exact; NaN where infeasible.</summary>
    public required double Value { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static AssignmentCase Read(JsonElement problem)
    {
        bool feasible = problem.GetProperty("feasible").GetBoolean();
        bool maximize = problem.TryGetProperty("maximize", out var flag) && flag.GetBoolean();
        return new AssignmentCase
        {
            Name = problem.Text("name"),
            RowCount = problem.Exponent("rows_count"),
            ColumnCount = problem.Exponent("columns_count"),
            Cost = problem.Numbers("cost", problem.Exponent("exponent"), maximize ? double.NegativeInfinity : double.PositiveInfinity),
            Maximize = maximize,
            IsFeasible = feasible,
            Rows = feasible ? problem.Indices("rows") : [],
            Columns = feasible ? problem.Indices("columns") : [],
            Value = problem.Number("value", double.NaN),
        };
    }
}

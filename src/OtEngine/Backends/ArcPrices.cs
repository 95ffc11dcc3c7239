namespace OtEngine.Backends;

/// <summary>Which arcs of a problem are the lowest: prices p_ij = C_ij + slack |C_ij| + t_j - s_i.</summary>
internal readonly ref struct ArcPrices
{
    /// <summary>Most arcs of an atom.</summary>
    public const int Most = 16;

    /// <summary>s, one a row; minus infinity leaves a row out.</summary>
    public required ReadOnlySpan<double> RowShift { get; init; }

    /// <summary>t, one a column; plus infinity leaves a column out.</summary>
    public required ReadOnlySpan<double> ColumnShift { get; init; }

    /// <summary>Share of |C| that is added.</summary>
    public double Slack { get; init; }

    /// <summary>Prices have to be below it.</summary>
    public required double Limit { get; init; }

    /// <summary>Arcs of an atom, at most; 1 to 16.</summary>
    public required int Count { get; init; }

    /// <summary>Throws unless these are prices of so many arcs an atom, and the results fit.</summary>
    public void Require(int rows, int columns, TransportSide side, int prices, int ends)
    {
        RequireCount(Count);
        RequireLength(RowShift.Length, rows);
        RequireLength(ColumnShift.Length, columns);
        int results = Sizes.Product("The lists of arcs", side == TransportSide.A ? rows : columns, Count, "use fewer atoms");
        RequireLength(prices, results);
        RequireLength(ends, results);

        static void RequireCount(int count)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Most);
        }

        static void RequireLength(int length, int expected) => ArgumentOutOfRangeException.ThrowIfNotEqual(length, expected);
    }
}

namespace OtEngine.Cli.Plots;

/// <summary>What a cell of a shrunken matrix tells of the entries it stands for.</summary>
internal enum ThumbnailRule
{
    /// <summary>The greatest: for plans, whose few entries would vanish in a mean.</summary>
    Max,

    /// <summary>The mean: for distances.</summary>
    Mean,
}

/// <summary>A matrix made small enough to look at.</summary>
/// <param name="Values">Row-major; NaN where every entry was NaN.</param>
/// <param name="Rows">Rows left.</param>
/// <param name="Columns">Columns left.</param>
internal sealed record MatrixThumbnail(double[] Values, int Rows, int Columns)
{
    /// <summary>Joins neighbouring entries until no side is longer than <paramref name="mostSide"/>; NaN entries are left out.</summary>
    /// <param name="matrix">Row-major.</param>
    /// <param name="rows">At least 1.</param>
    /// <param name="columns">At least 1.</param>
    /// <param name="mostSide">At least 1.</param>
    /// <param name="rule">What stands for several entries.</param>
    public static MatrixThumbnail Of(ReadOnlySpan<double> matrix, int rows, int columns, int mostSide, ThumbnailRule rule)
    {
        int smallRows = Math.Min(rows, mostSide);
        int smallColumns = Math.Min(columns, mostSide);
        var sums = new double[smallRows * smallColumns];
        var counts = new int[sums.Length];
        for (int i = 0; i < rows; i++)
        {
            int smallRow = (int)((long)i * smallRows / rows);
            ReadOnlySpan<double> row = matrix.Slice(i * columns, columns);
            for (int j = 0; j < columns; j++)
            {
                if (double.IsNaN(row[j]))
                    continue;

                int cell = (smallRow * smallColumns) + (int)((long)j * smallColumns / columns);
                bool isFirst = counts[cell]++ == 0;
                sums[cell] = isFirst ? row[j] : rule == ThumbnailRule.Max ? Math.Max(sums[cell], row[j]) : sums[cell] + row[j];
            }
        }

        for (int cell = 0; cell < sums.Length; cell++)
            sums[cell] = counts[cell] == 0 ? double.NaN : rule == ThumbnailRule.Max ? sums[cell] : sums[cell] / counts[cell];
        return new MatrixThumbnail(sums, smallRows, smallColumns);
    }
}

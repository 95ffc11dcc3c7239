namespace OtEngine.TestSupport;

/// <summary>Linear assignment by trying every injection of the shorter side into the longer; for sides up to 8.</summary>
public static class NaiveAssignment
{
    /// <summary>The optimal total over min(rows, columns) pairs, null if every choice uses a forbidden pair.</summary>
    /// <param name="cost">Row-major; plus infinity forbids a pair, minus infinity when maximising.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="maximize">Whether the total is maximised.</param>
    public static double? Solve(double[] cost, int rows, int columns, bool maximize)
    {
        double sign = maximize ? -1 : 1;
        Func<int, int, double> at = rows <= columns ? (i, j) => sign * cost[(i * columns) + j] : (j, i) => sign * cost[(i * columns) + j];
        double best = Best(at, 0, Math.Min(rows, columns), new bool[Math.Max(rows, columns)]);
        return double.IsPositiveInfinity(best) ? null : sign * best;
    }

    private static double Best(Func<int, int, double> at, int line, int lines, bool[] taken)
    {
        if (line == lines)
            return 0;
        double best = double.PositiveInfinity;
        for (int partner = 0; partner < taken.Length; partner++)
        {
            if (taken[partner])
                continue;
            taken[partner] = true;
            best = Math.Min(best, at(line, partner) + Best(at, line + 1, lines, taken));
            taken[partner] = false;
        }

        return best;
    }
}

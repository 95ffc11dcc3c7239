using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>What an assignment's potentials show by themselves, computed anew.</summary>
internal static class AssignmentEvidence
{
    /// <summary>
    /// The largest relative violation of f_i + g_j &lt;= C_ij, of the sign rule on the larger side, and of the equality of the potentials'
    /// sum and the total cost relative to the matched |C_ij|.
    /// </summary>
    public static double LargestViolation(AssignmentCase problem, AssignmentResult result) => LargestViolation(
        problem.Cost, problem.RowCount, problem.ColumnCount, problem.Maximize, result);

    public static double LargestViolation(double[] cost, int rows, int columns, bool maximize, AssignmentResult result)
    {
        double sign = maximize ? -1 : 1;
        double[] f = result.Potentials.F.ToArray();
        double[] g = result.Potentials.G.ToArray();
        double largest = 0;
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double c = cost[(i * columns) + j];
                double excess = sign * (f[i] + g[j] - c);
                if (excess > 0)
                    largest = Math.Max(largest, excess / (Math.Abs(c) + Math.Abs(f[i]) + Math.Abs(g[j])));
            }
        }

        double[] larger = rows > columns ? f : rows < columns ? g : [];
        if (larger.Any(potential => sign * potential > 0))
            return double.PositiveInfinity;
        double matched = Enumerable.Range(0, result.RowIndices.Length)
            .Sum(k => Math.Abs(cost[(result.RowIndices.Span[k] * columns) + result.ColumnIndices.Span[k]]));
        double dual = NeumaierSum.Of(f.Concat(g));
        return Math.Max(largest, RelativeError.Of(dual, result.TotalCost, Math.Max(matched, Math.Abs(dual))));
    }
}

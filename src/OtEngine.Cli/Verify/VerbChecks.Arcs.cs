using OtEngine.Backends;

namespace OtEngine.Cli.Verify;

/// <content>The verb that lists arcs.</content>
internal sealed partial class VerbChecks<T>
{
    private const int LowestArcs = 3;

    /// <summary>The lowest prices of every atom, which are the sorted ones, and the largest violation.</summary>
    private VerbError ReducedCosts() => _all.Largest((problem, row) =>
    {
        double[] f = Waves(problem.Rows), g = Waves(problem.Columns), costs = problem.Reference.Costs;
        double largest = costs.Select((cost, k) => (f[k / problem.Columns] + g[k % problem.Columns] - cost) / (Math.Abs(f[k / problem.Columns]) + Math.Abs(g[k % problem.Columns]) + Math.Abs(cost)))
            .Append(0).Max();
        return LowestPrices(problem, row, f, g, TransportSide.A)
            .Or(LowestPrices(problem, row, f, g, TransportSide.B))
            .Or(Compare(problem, [Backend.LargestViolation(_all.Loaded, row, f, g, _execution)], [largest]));
    });

    private VerbError LowestPrices(VerifyProblem<T> problem, int row, double[] s, double[] t, TransportSide side)
    {
        int atoms = side == TransportSide.A ? problem.Rows : problem.Columns;
        double[] found = new double[atoms * LowestArcs], expected = new double[atoms * LowestArcs];
        ArcPrices wanted = new() { RowShift = s, ColumnShift = t, Limit = double.PositiveInfinity, Count = LowestArcs };
        Backend.ReducedCosts(_all.Loaded, row, wanted, side, found, new int[found.Length], _execution);
        Array.Fill(expected, double.PositiveInfinity);
        IEnumerable<(double Price, int Atom)> prices = problem.Reference.Costs.Select((cost, k) =>
            (cost + t[k % problem.Columns] - s[k / problem.Columns], side == TransportSide.A ? k / problem.Columns : k % problem.Columns));
        foreach (IGrouping<int, (double Price, int Atom)> own in prices.GroupBy(price => price.Atom))
            own.Select(price => price.Price).Order().Take(LowestArcs).ToArray().CopyTo(expected, own.Key * LowestArcs);

        // Where there are fewer, both are infinite.
        return Compare(problem, Finite(found), Finite(expected));
    }

    private static double[] Waves(int count) => [.. Enumerable.Range(0, count).Select(k => Math.Sin(k + 1))];

    private static double[] Finite(double[] values) => Array.ConvertAll(values, value => double.IsPositiveInfinity(value) ? -1 : value);
}

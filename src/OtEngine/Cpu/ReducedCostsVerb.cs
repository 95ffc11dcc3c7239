using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cpu;

/// <summary>The verb ReducedCosts on one problem of a table, massless atoms included: <see cref="ReducedCosts"/> and <see cref="CostRowsOperations"/> on all its atoms.</summary>
internal static class ReducedCostsVerb
{
    public static void Lowest<T>(
        Geometry<T> geometry, in ArcPrices wanted, TransportSide side, Span<double> prices, Span<int> ends, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        wanted.Require(geometry.Rows, geometry.Columns, side, prices.Length, ends.Length);
        ArcLists byRow = new(), byColumn = new();
        int k = wanted.Count;
        byRow.Reset(geometry.Rows, side == TransportSide.A ? k : 1, wanted.Limit);
        byColumn.Reset(geometry.Columns, side == TransportSide.B ? k : 1, wanted.Limit);
        LowestUser lowest = new(wanted.RowShift.ToArray(), wanted.ColumnShift.ToArray(), wanted.Slack, byRow, byColumn, execution);
        Use(geometry, lowest, execution);
        ArcLists lists = side == TransportSide.A ? byRow : byColumn;
        for (int atom = 0; atom < prices.Length / k; atom++)
        {
            Span<double> ownPrices = prices.Slice(atom * k, k);
            Span<int> ownEnds = ends.Slice(atom * k, k);
            lists.CopySorted(atom, ownPrices, ownEnds);
        }
    }

    public static double LargestViolation<T>(Geometry<T> geometry, ReadOnlySpan<double> f, ReadOnlySpan<double> g, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] largest = new double[1];
        Use(geometry, new ViolationUser(f.ToArray(), g.ToArray(), largest, execution.Cancellation), execution);
        return largest[0];
    }

    private static void Use<T, TUser>(Geometry<T> geometry, TUser user, Execution execution)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TUser : struct, ICostRowsUser =>
        new CostRowsFactory<T>().Use(
            geometry, [.. Enumerable.Range(0, geometry.Rows)], [.. Enumerable.Range(0, geometry.Columns)], 0, ref user, execution.Cancellation);

    private readonly struct LowestUser(double[] rowShift, double[] columnShift, double slack, ArcLists byRow, ArcLists byColumn, Execution execution) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows => ReducedCosts.Lowest(rows, rowShift, columnShift, slack, byRow, byColumn, execution);
    }

    private readonly struct ViolationUser(double[] f, double[] g, double[] largest, CancellationToken cancellation) : ICostRowsUser
    {
        public void Use<TRows>(in TRows rows)
            where TRows : struct, ICostRows
        {
            for (int i = 0; i < f.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                largest[0] = Math.Max(largest[0], CostRowsOperations.LargestViolation(rows, i, f[i], g));
            }
        }
    }
}

using System.Numerics;

namespace OtEngine;

/// <summary>The arcs of a sparse geometry, compressed by rows, between atoms that have mass.</summary>
internal readonly struct SparseArcs(int[] rowStarts, int[] columns, double[] costs, int sinks) : ITierArcs
{
    public int Sources => rowStarts.Length - 1;

    public int Sinks => sinks;

    public long Count => rowStarts[^1];

    public int Degree(int source) => rowStarts[source + 1] - rowStarts[source];

    public int Sink(int source, int k) => columns[rowStarts[source] + k];

    public double Cost(int source, int k) => costs[rowStarts[source] + k];

    public double CostBetween(int source, int sink) =>
        costs[Array.BinarySearch(columns, rowStarts[source], Degree(source), sink)];

    /// <summary>The arcs whose two ends are listed, renumbered by their place in the lists.</summary>
    /// <param name="geometry">All arcs.</param>
    /// <param name="sourceAtoms">Rows to keep, increasing.</param>
    /// <param name="sinkAtoms">Columns to keep, increasing.</param>
    /// <param name="largest">The largest |cost| kept.</param>
    public static SparseArcs Between<T>(SparseGeometry<T> geometry, ReadOnlySpan<int> sourceAtoms, ReadOnlySpan<int> sinkAtoms, out double largest)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int[] place = new int[geometry.Columns];
        Array.Fill(place, -1);
        for (int j = 0; j < sinkAtoms.Length; j++)
            place[sinkAtoms[j]] = j;
        int[] starts = new int[sourceAtoms.Length + 1];
        int[] kept = new int[geometry.ArcCount];
        double[] costs = new double[geometry.ArcCount];
        int count = 0;
        largest = 0;
        for (int i = 0; i < sourceAtoms.Length; i++)
        {
            for (int arc = geometry.RowStarts[sourceAtoms[i]]; arc < geometry.RowStarts[sourceAtoms[i] + 1]; arc++)
            {
                int j = place[geometry.ColumnIndices[arc]];
                if (j < 0)
                    continue;
                kept[count] = j;
                costs[count] = double.CreateTruncating(geometry.Costs[arc]);
                largest = Math.Max(largest, Math.Abs(costs[count++]));
            }

            starts[i + 1] = count;
        }

        return new SparseArcs(starts, kept, costs, sinkAtoms.Length);
    }
}

using System.Numerics;

namespace OtEngine;

/// <summary>The arcs of a sparse geometry, compressed by rows, between atoms that have mass.</summary>
internal readonly struct SparseArcs(int[] rowStarts, int[] columns, double[] costs, int sources, int sinks) : ITierArcs
{
    public int Sources => sources;

    public int Sinks => sinks;

    public long Count => rowStarts[sources];

    public int Degree(int source) => rowStarts[source + 1] - rowStarts[source];

    public int Sink(int source, int k) => columns[rowStarts[source] + k];

    public double Cost(int source, int k) => costs[rowStarts[source] + k];

    public double CostBetween(int source, int sink) =>
        costs[Array.BinarySearch(columns, rowStarts[source], Degree(source), sink)];

    /// <summary>The arcs whose two ends are listed, renumbered by their place in the lists.</summary>
    /// <param name="geometry">All arcs.</param>
    /// <param name="sourceAtoms">Rows to keep, increasing.</param>
    /// <param name="sinkAtoms">Columns to keep, increasing.</param>
    /// <param name="scratch">Holds the copy, until the next one.</param>
    /// <param name="largest">The largest |cost| kept.</param>
    public static SparseArcs Between<T>(
        SparseGeometry<T> geometry, ReadOnlySpan<int> sourceAtoms, ReadOnlySpan<int> sinkAtoms, ExactScratch scratch, out double largest)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<int> place = scratch.SinkPlaces(geometry.Columns);
        place.Fill(-1);
        for (int j = 0; j < sinkAtoms.Length; j++)
            place[sinkAtoms[j]] = j;
        (int[] starts, int[] kept, double[] costs) = scratch.Arcs(sourceAtoms.Length, geometry.ArcCount);
        starts[0] = 0;
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

        return new SparseArcs(starts, kept, costs, sourceAtoms.Length, sinkAtoms.Length);
    }
}

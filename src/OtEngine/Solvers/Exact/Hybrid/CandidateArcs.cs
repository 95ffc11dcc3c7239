using OtEngine.Backends;

namespace OtEngine;

/// <summary>The arcs the hybrid simplex works on. Arcs are only added, never taken away, so that a basis stays one. Memory: some tens of arcs an atom.</summary>
internal sealed class CandidateArcs
{
    private ArcTable _bySource = new();
    private ArcTable _spare = new();
    private int[] _starts = [];
    private int[] _merged = [];
    private double[] _costs = [];

    /// <summary>The arcs of each source, by increasing sink.</summary>
    public ArcTable BySource => _bySource;

    /// <summary>The same arcs by sink, as of the last <see cref="IndexSinks"/>.</summary>
    public ArcTable BySink { get; } = new();

    /// <summary>Lists the arcs by sink as well.</summary>
    public void IndexSinks(int sinks) => BySink.Transpose(_bySource, sinks);

    /// <summary>Takes all arcs out.</summary>
    public void Reset(int sources)
    {
        _bySource.Clear();
        for (int i = 0; i < sources; i++)
            _bySource.Append([], []);
    }

    /// <summary>Adds the arcs of two sets of lists; those that are there already stay once.</summary>
    /// <returns>How many are new.</returns>
    public int Add<TRows>(in TRows rows, ArcLists byRow, ArcLists byColumn, CancellationToken cancellation)
        where TRows : struct, ICostRows
    {
        int[] columnSinks = SinksOfColumnLists(rows.Rows, rows.Columns, byColumn);
        _spare.Clear();
        for (int i = 0; i < rows.Rows; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<int> old = _bySource.EndsOf(i);
            ReadOnlySpan<double> oldCosts = _bySource.CostsOf(i);
            ReadOnlySpan<int> first = byRow.Ends(i);
            ReadOnlySpan<int> second = columnSinks.AsSpan(_starts[i], _starts[i + 1] - _starts[i]);
            if (first.IsEmpty && second.IsEmpty)
            {
                _spare.Append(old, oldCosts);
                continue;
            }

            int count = old.Length + first.Length + second.Length;
            Span<int> merged = ExactScratch.Grow(ref _merged, count).AsSpan(0, count);
            old.CopyTo(merged);
            first.CopyTo(merged[old.Length..]);
            second.CopyTo(merged[(old.Length + first.Length)..]);
            merged.Sort();
            Span<double> costs = ExactScratch.Grow(ref _costs, count).AsSpan(0, count);
            int written = 0;
            int read = 0;
            foreach (int j in merged)
            {
                if (written > 0 && merged[written - 1] == j)
                    continue;
                while (read < old.Length && old[read] < j)
                    read++;
                merged[written] = j;
                costs[written++] = read < old.Length && old[read] == j ? oldCosts[read] : rows.Cost(i, j);
            }

            _spare.Append(merged[..written], costs[..written]);
        }

        int added = _spare.Count - _bySource.Count;
        (_bySource, _spare) = (_spare, _bySource);
        return added;
    }

    /// <summary>Turns lists of sources by sink into lists of sinks by source, at <see cref="_starts"/>.</summary>
    private int[] SinksOfColumnLists(int sources, int sinks, ArcLists byColumn)
    {
        int[] starts = ExactScratch.Grow(ref _starts, sources + 2);
        starts.AsSpan(0, sources + 2).Clear();
        for (int j = 0; j < sinks; j++)
        {
            foreach (int i in byColumn.Ends(j))
                starts[i + 2]++;
        }

        for (int i = 2; i <= sources + 1; i++)
            starts[i] += starts[i - 1];
        int[] places = new int[starts[sources + 1]];
        for (int j = 0; j < sinks; j++)
        {
            foreach (int i in byColumn.Ends(j))
                places[starts[i + 1]++] = j;
        }

        return places;
    }
}

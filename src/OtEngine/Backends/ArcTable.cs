namespace OtEngine.Backends;

/// <summary>Arcs with their costs in lists, one list a row (or a column), compressed; keeps its memory from use to use.</summary>
internal sealed class ArcTable
{
    private int[] _starts = [0];
    private int[] _ends = [];
    private double[] _costs = [];

    /// <summary>Lists so far.</summary>
    public int Lists { get; private set; }

    /// <summary>Arcs so far.</summary>
    public int Count => _starts[Lists];

    /// <summary>By list, where its arcs begin; one more for the end.</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, Lists + 1);

    /// <summary>The other ends of all arcs, increasing within a list.</summary>
    public ReadOnlySpan<int> Ends => _ends.AsSpan(0, Count);

    /// <summary>The costs of all arcs.</summary>
    public ReadOnlySpan<double> Costs => _costs.AsSpan(0, Count);

    public ReadOnlySpan<int> EndsOf(int list) => _ends.AsSpan(_starts[list], _starts[list + 1] - _starts[list]);

    public ReadOnlySpan<double> CostsOf(int list) => _costs.AsSpan(_starts[list], _starts[list + 1] - _starts[list]);

    public void Clear() => Lists = 0;

    /// <summary>Adds one list.</summary>
    public void Append(ReadOnlySpan<int> ends, ReadOnlySpan<double> costs)
    {
        int start = Count;
        int end = start + ends.Length;
        Keep(ref _ends, end);
        Keep(ref _costs, end);
        Keep(ref _starts, Lists + 2);
        ends.CopyTo(_ends.AsSpan(start));
        costs.CopyTo(_costs.AsSpan(start));
        _starts[++Lists] = end;
    }

    /// <summary>Adds all lists of another table.</summary>
    public void Append(ArcTable other)
    {
        for (int list = 0; list < other.Lists; list++)
            Append(other.EndsOf(list), other.CostsOf(list));
    }

    /// <summary>Becomes the same arcs listed by their other ends.</summary>
    /// <param name="arcs">The arcs.</param>
    /// <param name="lists">How many other ends there are.</param>
    public void Transpose(ArcTable arcs, int lists)
    {
        Lists = lists;
        Keep(ref _starts, lists + 2);
        Keep(ref _ends, arcs.Count);
        Keep(ref _costs, arcs.Count);
        Span<int> next = _starts.AsSpan(0, lists + 2);
        next.Clear();
        foreach (int end in arcs.Ends)
            next[end + 2]++;
        for (int k = 2; k < next.Length; k++)
            next[k] += next[k - 1];
        for (int list = 0; list < arcs.Lists; list++)
        {
            ReadOnlySpan<int> ends = arcs.EndsOf(list);
            ReadOnlySpan<double> costs = arcs.CostsOf(list);
            for (int k = 0; k < ends.Length; k++)
            {
                int place = next[ends[k] + 1]++;
                _ends[place] = list;
                _costs[place] = costs[k];
            }
        }
    }

    private static void Keep<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            Array.Resize(ref array, (int)Math.Min(Math.Max(length, 2L * array.Length), Array.MaxLength));
    }
}

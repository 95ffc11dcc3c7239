namespace OtEngine.Backends;

/// <summary>The runs that the verb Vector works on: starts_r .. starts_(r+1) of a buffer, for r = 0, 1, ...; checked once, so that loops and kernels need not.</summary>
internal readonly ref struct VectorRuns
{
    /// <param name="starts">One more than there are runs, not decreasing.</param>
    /// <param name="length">Elements of the buffer.</param>
    public VectorRuns(ReadOnlySpan<long> starts, long length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(starts.Length, nameof(starts));
        ArgumentOutOfRangeException.ThrowIfNegative(starts[0], nameof(starts));
        for (int run = 1; run < starts.Length; run++)
            ArgumentOutOfRangeException.ThrowIfLessThan(starts[run], starts[run - 1], nameof(starts));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(starts[^1], length, nameof(starts));
        Starts = starts;
    }

    public ReadOnlySpan<long> Starts { get; }

    public int Count => Starts.Length - 1;

    /// <summary>Running totals of tiles of so many elements by run: a run's tiles depend on its length alone.</summary>
    public long[] Tiles(int size)
    {
        long[] totals = new long[Starts.Length];
        for (int run = 0; run < Count; run++)
            totals[run + 1] = totals[run] + ((Starts[run + 1] - Starts[run] + size - 1) / size);
        return totals;
    }
}

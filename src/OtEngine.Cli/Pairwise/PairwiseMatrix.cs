using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Pairwise;

/// <summary>
/// The matrix of all pairs while it fills up, NaN where an entry is missing; kept in a file as well, where one is given, so
/// that a later run goes on from there. Of a symmetric matrix only the pairs i &lt; j are asked for.
/// </summary>
internal sealed class PairwiseMatrix : IDisposable
{
    private readonly ResumableMatrix? _file;
    private readonly bool[] _isUnwritten;
    private readonly bool _isSymmetric;
    private readonly bool _isZeroOnDiagonal;

    /// <summary>Opens the matrix.</summary>
    /// <param name="count">Rows and columns.</param>
    /// <param name="isSymmetric">D[i, j] = D[j, i].</param>
    /// <param name="isZeroOnDiagonal">D[i, i] = 0.</param>
    /// <param name="file">Where to keep it; owned. Null keeps it in memory alone.</param>
    public PairwiseMatrix(int count, bool isSymmetric, bool isZeroOnDiagonal, ResumableMatrix? file)
    {
        Count = count;
        _isSymmetric = isSymmetric;
        _isZeroOnDiagonal = isZeroOnDiagonal;
        _file = file;
        _isUnwritten = new bool[count];
        Values = new double[checked(count * count)];
        Values.AsSpan().Fill(double.NaN);
        for (int i = 0; file is not null && i < count; i++)
            file.Read(i, 0, Row(i));
        Complete();
    }

    /// <summary>Rows and columns.</summary>
    public int Count { get; }

    /// <summary>Count x Count entries, row-major.</summary>
    public double[] Values { get; }

    /// <summary>The number of entries that have to be solved for, known ones included.</summary>
    public long Problems => _isSymmetric
        ? ((long)Count * (Count - 1) / 2) + (_isZeroOnDiagonal ? 0 : Count)
        : ((long)Count * Count) - (_isZeroOnDiagonal ? Count : 0);

    /// <summary>The pairs whose entry is missing, in row-major order.</summary>
    public IEnumerable<(int First, int Second)> Missing() => Pairs(isKnown: false);

    /// <summary>
    /// Some pairs whose entry is known: every histogram that has known entries is in at least two of them, where it has two.
    /// </summary>
    public IEnumerable<(int First, int Second)> KnownSample()
    {
        int[] covered = new int[Count];
        foreach ((int first, int second) in Pairs(isKnown: true))
        {
            if (covered[first] >= 2 && covered[second] >= 2)
                continue;
            covered[first]++;
            covered[second]++;
            yield return (first, second);
        }
    }

    /// <summary>Sets an entry, and its mirror image.</summary>
    public void Set((int First, int Second) pair, double value)
    {
        Values[(pair.First * Count) + pair.Second] = value;
        _isUnwritten[pair.First] = true;
        if (!_isSymmetric)
            return;
        Values[(pair.Second * Count) + pair.First] = value;
        _isUnwritten[pair.Second] = true;
    }

    /// <summary>Writes the rows between two, both included, as far as they have changed.</summary>
    public void Write(int from, int to)
    {
        for (int i = from; _file is not null && i <= to; i++)
        {
            if (_isUnwritten[i])
                _file.Write(i, 0, Row(i));
            _isUnwritten[i] = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Flush();
        _file?.Dispose();
    }

    private Span<double> Row(int i) => Values.AsSpan(i * Count, Count);

    private IEnumerable<(int First, int Second)> Pairs(bool isKnown)
    {
        for (int i = 0; i < Count; i++)
        {
            for (int j = _isSymmetric ? i : 0; j < Count; j++)
            {
                if ((i != j || !_isZeroOnDiagonal) && double.IsNaN(Values[(i * Count) + j]) != isKnown)
                    yield return (i, j);
            }
        }
    }

    // A file that was cut off has entries whose mirror images are still missing.
    private void Complete()
    {
        for (int i = 0; i < Count; i++)
        {
            for (int j = 0; _isSymmetric && j < i; j++)
            {
                double known = Values[(j * Count) + i];
                double mirrored = Values[(i * Count) + j];
                if (double.IsNaN(known) != double.IsNaN(mirrored))
                    Set((j, i), double.IsNaN(known) ? mirrored : known);
            }

            if (_isZeroOnDiagonal && double.IsNaN(Values[(i * Count) + i]))
                Set((i, i), 0);
        }
    }
}

namespace OtEngine.TestSupport;

/// <summary>
/// Linear assignment by shortest augmenting paths as they are written down (D. F. Crouse, 2016), with lists that are walked from end to end:
/// which of several equally good assignments, and which potentials, not only which total.
/// </summary>
public sealed class NaiveAugmentingPaths
{
    private readonly double[] _cost;
    private readonly int[] _rowOf;

    /// <param name="cost">Row-major; plus infinity forbids a pair.</param>
    /// <param name="rows">Rows, at most as many as columns.</param>
    /// <param name="columns">Columns.</param>
    public NaiveAugmentingPaths(double[] cost, int rows, int columns)
    {
        _cost = cost;
        (U, V) = (new double[rows], new double[columns]);
        ColumnOf = [.. Enumerable.Repeat(-1, rows)];
        _rowOf = [.. Enumerable.Repeat(-1, columns)];
        IsFeasible = true;
        for (int row = 0; row < rows && IsFeasible; row++)
            IsFeasible = Insert(row);
    }

    /// <summary>Whether some assignment avoids all forbidden pairs.</summary>
    public bool IsFeasible { get; }

    /// <summary>The column of each row.</summary>
    public int[] ColumnOf { get; }

    /// <summary>Row potentials.</summary>
    public double[] U { get; }

    /// <summary>Column potentials.</summary>
    public double[] V { get; }

    /// <summary>Rows scanned.</summary>
    public long Scans { get; private set; }

    private bool Insert(int start)
    {
        int columns = V.Length;
        double[] length = [.. Enumerable.Repeat(double.PositiveInfinity, columns)];
        int[] before = new int[columns];
        List<int> remaining = [.. Enumerable.Range(0, columns).Reverse()];
        List<(int Row, int Column)> scanned = [];
        double least = 0;
        int row = start;
        int sink;
        while (true)
        {
            Scans++;
            int place = -1;
            double nearest = double.PositiveInfinity;
            for (int k = 0; k < remaining.Count; k++)
            {
                int j = remaining[k];
                double through = least + _cost[(row * columns) + j] - U[row] - V[j];
                if (through < length[j])
                    (length[j], before[j]) = (through, row);
                if (length[j] < nearest || (length[j] == nearest && _rowOf[j] < 0))
                    (nearest, place) = (length[j], k);
            }

            if (double.IsPositiveInfinity(nearest))
                return false;
            least = nearest;
            int column = remaining[place];
            if (_rowOf[column] < 0)
            {
                sink = column;
                break;
            }

            row = _rowOf[column];
            scanned.Add((row, column));
            remaining[place] = remaining[^1];
            remaining.RemoveAt(remaining.Count - 1);
        }

        U[start] += least;
        foreach ((int i, int j) in scanned)
        {
            U[i] += least - length[j];
            V[j] -= least - length[j];
        }

        for (int i = -1; i != start;)
        {
            i = before[sink];
            _rowOf[sink] = i;
            (ColumnOf[i], sink) = (sink, ColumnOf[i]);
        }

        return true;
    }
}

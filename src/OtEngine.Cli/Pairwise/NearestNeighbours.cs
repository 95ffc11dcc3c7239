namespace OtEngine.Cli.Pairwise;

/// <summary>Leave-one-out classification: every item is given the label that most of its nearest neighbours bear.</summary>
internal sealed class NearestNeighbours
{
    private readonly int[] _neighbours;

    /// <summary>Finds the neighbours of every row and lets them vote.</summary>
    /// <param name="distances">count x count entries; smaller is nearer. Of equally near items the one with the lower index counts.</param>
    /// <param name="labels">A label for each item.</param>
    /// <param name="wanted">Neighbours that vote; fewer where there are fewer other items. Among labels with as many votes, the nearest neighbour's wins.</param>
    public NearestNeighbours(ReadOnlySpan<double> distances, ReadOnlySpan<double> labels, int wanted)
    {
        int count = labels.Length;
        Size = Math.Min(wanted, count - 1);
        _neighbours = new int[count * Size];
        Predicted = new double[count];
        for (int i = 0; i < count; i++)
        {
            Select(distances.Slice(i * count, count), i, _neighbours.AsSpan(i * Size, Size));
            Predicted[i] = Vote(Of(i), labels);
            Correct += Predicted[i] == labels[i] ? 1 : 0;
        }
    }

    /// <summary>Neighbours that vote.</summary>
    public int Size { get; }

    /// <summary>Items whose predicted label is their own.</summary>
    public int Correct { get; }

    /// <summary>The label predicted for each item.</summary>
    public double[] Predicted { get; }

    /// <summary>The share of items whose predicted label is their own; NaN without neighbours.</summary>
    public double Accuracy => Size == 0 ? double.NaN : Correct / (double)Predicted.Length;

    /// <summary>The neighbours of an item, nearest first.</summary>
    public ReadOnlySpan<int> Of(int item) => _neighbours.AsSpan(item * Size, Size);

    private static void Select(ReadOnlySpan<double> distances, int self, Span<int> nearest)
    {
        int found = 0;
        for (int j = 0; j < distances.Length; j++)
        {
            if (j == self || nearest.IsEmpty || (found == nearest.Length && !(distances[j] < distances[nearest[^1]])))
                continue;
            int place = found < nearest.Length ? found++ : found - 1;
            for (; place > 0 && distances[j] < distances[nearest[place - 1]]; place--)
                nearest[place] = nearest[place - 1];
            nearest[place] = j;
        }
    }

    private static double Vote(ReadOnlySpan<int> neighbours, ReadOnlySpan<double> labels)
    {
        double winner = double.NaN;
        int most = 0;
        foreach (int candidate in neighbours)
        {
            int votes = 0;
            foreach (int other in neighbours)
                votes += labels[other] == labels[candidate] ? 1 : 0;
            if (votes > most)
                (winner, most) = (labels[candidate], votes);
        }

        return winner;
    }
}

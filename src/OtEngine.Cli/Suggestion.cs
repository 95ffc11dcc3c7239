namespace OtEngine.Cli;

/// <summary>Guesses what a mistyped word was meant to be.</summary>
internal static class Suggestion
{
    /// <summary>
    /// The candidate with the fewest insertions, deletions, replacements and swaps of neighbours away from the word, if these
    /// are at most a third of its letters (at least one); otherwise null.
    /// </summary>
    public static string? For(string word, IEnumerable<string> candidates)
    {
        int allowed = Math.Max(1, word.TrimStart('-').Length / 3);
        string? best = null;
        foreach (string candidate in candidates)
        {
            int distance = Distance(word, candidate);
            if (distance > allowed)
                continue;
            best = candidate;
            allowed = distance - 1;
        }

        return best;
    }

    private static int Distance(string first, string second)
    {
        int[,] edits = new int[first.Length + 1, second.Length + 1];
        for (int i = 0; i <= first.Length; i++)
            edits[i, 0] = i;
        for (int j = 0; j <= second.Length; j++)
            edits[0, j] = j;
        for (int i = 1; i <= first.Length; i++)
        {
            for (int j = 1; j <= second.Length; j++)
            {
                int replaced = edits[i - 1, j - 1] + (first[i - 1] == second[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replaced, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }

        return edits[first.Length, second.Length];
    }
}

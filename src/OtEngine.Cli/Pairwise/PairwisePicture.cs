using System.Globalization;
using System.Numerics;
using OtEngine.Cli.Plots;

namespace OtEngine.Cli.Pairwise;

/// <summary>
/// A picture of all pairs: the matrix, sorted by label where there are labels, and, where bins are pixels of an image, some
/// items beside their nearest neighbours: one of every label, and some whose neighbours vote for another label.
/// </summary>
internal static class PairwisePicture
{
    private const int Shown = 6;
    private const int MostQueries = 10;
    private const int MostOutvoted = 6;

    /// <summary>Draws the picture.</summary>
    /// <param name="matrix">The entries, row-major.</param>
    /// <param name="histograms">The items.</param>
    /// <param name="votes">What the neighbours say, or null without labels.</param>
    /// <param name="grid">Rows and columns of pixels; anything else draws the matrix alone.</param>
    /// <param name="valueName">What the entries are.</param>
    /// <returns>An SVG file's text.</returns>
    public static string Draw<T>(double[] matrix, HistogramTable<T> histograms, NearestNeighbours? votes, int[]? grid, string valueName)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        string heatMap = DrawMatrix(matrix, histograms, votes, valueName);
        if (grid is not { Length: 2 } || histograms.Count < 2)
            return heatMap;

        IEnumerable<int> all = Enumerable.Range(0, histograms.Count);
        if (votes is null || histograms.Labels is not { } labels)
            return SvgStack.SideBySide(heatMap, DrawSheet("Nearest neighbours", all.Take(MostQueries), matrix, histograms, grid));

        int[] right = [.. all.Where(i => votes.Predicted[i] == labels[i]).DistinctBy(i => labels[i]).OrderBy(i => labels[i]).Take(MostQueries)];
        int[] outvoted = [.. all.Where(i => votes.Predicted[i] != labels[i]).Take(MostOutvoted)];
        if (outvoted.Length > 0)
            heatMap = SvgStack.Below(heatMap, DrawSheet("Where the vote is wrong", outvoted, matrix, histograms, grid));
        return SvgStack.SideBySide(heatMap, DrawSheet("One of each label, and its nearest", right, matrix, histograms, grid));
    }

    private static string DrawMatrix<T>(double[] matrix, HistogramTable<T> histograms, NearestNeighbours? votes, string valueName)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = histograms.Count;
        int[] order = [.. Enumerable.Range(0, count)];
        (string Name, int Count)[] groups = [];
        if (histograms.Labels is { } labels)
        {
            order = [.. order.OrderBy(i => labels[i])];
            groups = [.. order.GroupBy(i => labels[i]).Select(group => (Name(group.Key), group.Count()))];
        }

        double[] sorted = new double[matrix.Length];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
                sorted[(i * count) + j] = matrix[(order[i] * count) + order[j]];
        }

        string by = groups.Length > 0 ? "label" : "row of the file";
        return new HeatMapPlot
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"All pairs of {count:N0} histograms"),
            Subtitle = votes is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{100 * votes.Accuracy:F1} % right by the vote of {votes.Size} nearest, each left out in turn"),
            RowName = by,
            ColumnName = by,
            ValueName = valueName,
            Rule = ThumbnailRule.Mean,
            Groups = groups.Length <= 40 ? groups : [],
        }.Draw(sorted, count, count);
    }

    private static string DrawSheet<T>(string title, IEnumerable<int> queries, double[] matrix, HistogramTable<T> histograms, int[] grid)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] labels = histograms.Labels ?? new double[histograms.Count];
        NearestNeighbours nearest = new(matrix, labels, Shown);
        List<IReadOnlyList<ContactSheetCell>> sheet = [];
        foreach (int item in queries)
        {
            List<ContactSheetCell> row = [Cell(item, Caption(item), null)];
            foreach (int other in nearest.Of(item))
            {
                double distance = matrix[(item * histograms.Count) + other];
                row.Add(Cell(other, string.Create(CultureInfo.InvariantCulture, $"{Caption(other)} at {distance:G3}"), histograms.Labels is null ? null : labels[other] == labels[item]));
            }

            sheet.Add(row);
        }

        return new ContactSheet { Title = title, Headings = ["", .. Enumerable.Range(1, nearest.Size).Select(rank => $"{rank}.")] }.Draw(sheet);

        string Caption(int item) => histograms.Labels is null ? $"row {item}" : Name(labels[item]);

        ContactSheetCell Cell(int item, string caption, bool? isRight) => new(
            Array.ConvertAll(histograms.Values[(item * histograms.Bins)..((item + 1) * histograms.Bins)], double.CreateChecked),
            grid[1],
            grid[0],
            caption,
            isRight);
    }

    private static string Name(double label) => label.ToString("G6", CultureInfo.InvariantCulture);
}

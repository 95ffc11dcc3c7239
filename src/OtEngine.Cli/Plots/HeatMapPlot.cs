using System.Globalization;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Plots;

/// <summary>
/// A matrix as colours, with its marginals as bars beside it and a colour bar: for plans and for distances. Large matrices are
/// shrunk by <see cref="MatrixThumbnail"/>. Entries that are NaN are grey.
/// </summary>
internal sealed record HeatMapPlot
{
    private const int MostSide = 600;
    private const double SmallestSide = 120;
    private const double MarginLeft = 76;
    private const double BarDepth = 44;
    private const double BarGap = 8;
    private const double ColorBarWidth = 14;
    private const double ColorBarRoom = 112;
    private const double FootHeight = 74;

    /// <summary>What is shown.</summary>
    public string Title { get; init; } = "Transport plan";

    /// <summary>The figures a reader wants beside it; may be empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>What the rows are.</summary>
    public string RowName { get; init; } = "source";

    /// <summary>What the columns are.</summary>
    public string ColumnName { get; init; } = "target";

    /// <summary>What the entries are.</summary>
    public string ValueName { get; init; } = "mass";

    /// <summary>What stands for several entries where the matrix is shrunk.</summary>
    public ThumbnailRule Rule { get; init; } = ThumbnailRule.Max;

    /// <summary>Colours by the logarithm, over at most six powers of ten: shows the spread of an entropic plan.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>
    /// Names and sizes of neighbouring rows, and columns, that belong together: they take the place of numbers on both axes of a
    /// square matrix. None if empty.
    /// </summary>
    public IReadOnlyList<(string Name, int Count)> Groups { get; init; } = [];

    /// <summary>Draws the picture.</summary>
    /// <param name="matrix">Row-major.</param>
    /// <param name="rows">At least 1.</param>
    /// <param name="columns">At least 1.</param>
    /// <param name="rowWeights">Bars at the right, one for each row; none if null.</param>
    /// <param name="columnWeights">Bars on top, one for each column; none if null.</param>
    /// <returns>An SVG file's text.</returns>
    public string Draw(ReadOnlySpan<double> matrix, int rows, int columns, double[]? rowWeights = null, double[]? columnWeights = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (matrix.Length != (long)rows * columns)
            throw new ArgumentException($"{matrix.Length} values do not fill {rows} x {columns}.", nameof(matrix));

        MatrixThumbnail small = MatrixThumbnail.Of(matrix, rows, columns, MostSide, Rule);
        AxisScale shares = ColorScale(small.Values);

        // Whole pixels for each entry keep the cells of a small matrix sharp and equal.
        int zoom = Math.Max(1, MostSide * 4 / 5 / Math.Max(small.Rows, small.Columns));
        double width = Math.Max(zoom * small.Columns, SmallestSide);
        double height = Math.Max(zoom * small.Rows, SmallestSide);
        double left = MarginLeft;
        double top = PlotFrame.HeadingHeight(Title, Subtitle) + (columnWeights is null ? 0 : BarDepth + BarGap);
        double right = left + width + (rowWeights is null ? 0 : BarGap + BarDepth);

        double titleWidth = PlotStyle.WidthOf(Title, PlotStyle.TitleSize) + MarginLeft + 20;
        double subtitleWidth = PlotStyle.WidthOf(Subtitle, PlotStyle.LabelSize) + MarginLeft + 20;
        var svg = new SvgWriter(Math.Max(right + ColorBarRoom, Math.Max(titleWidth, subtitleWidth)), top + height + FootHeight, Title);
        PlotFrame.Heading(svg, left, Title, Subtitle);

        if (Groups.Count == 0)
            DrawAxes(svg, rows, columns, left, top, width, height);
        svg.Image(left, top, width, height, Paint(small, shares).Enlarge(zoom));
        if (Groups.Count > 0)
            DrawGroups(svg, rows, left, top, width, height);
        svg.Rectangle(left, top, width, height, "none", PlotStyle.Frame);
        if (columnWeights is not null)
            DrawColumnBars(svg, columnWeights, left, top - BarGap, width);
        if (rowWeights is not null)
            DrawRowBars(svg, rowWeights, left + width + BarGap, top, height);
        DrawColorBar(svg, shares, right + 20, top, height);
        DrawNotes(svg, small, matrix, rows, columns, left, top + height + 58);
        return svg.Finish();
    }

    // Entries to shares of the colour map: from 0, or the least entry below it, to the greatest.
    private AxisScale ColorScale(double[] values)
    {
        double max = values.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        if (IsLogarithmic && max > 0)
        {
            double least = values.Where(v => v > 0).Min();
            return new AxisScale(Math.Clamp(least, max * 1e-6, max * 0.1), max, 0, 1, IsLogarithmic: true);
        }

        double min = Math.Min(0, values.Where(double.IsFinite).DefaultIfEmpty(0).Min());
        return new AxisScale(min, max > min ? max : min + 1, 0, 1);
    }

    private static PngImage Paint(MatrixThumbnail small, AxisScale shares)
    {
        var rgb = new byte[3 * small.Values.Length];
        for (int i = 0; i < small.Values.Length; i++)
        {
            double share = shares.IsLogarithmic && small.Values[i] <= 0 ? 0 : shares.Map(small.Values[i]);
            (rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]) = ColorMap.At(share);
        }

        return new PngImage(small.Columns, small.Rows, rgb);
    }

    private void DrawAxes(SvgWriter svg, int rows, int columns, double left, double top, double width, double height)
    {
        // Entry k is a cell from k to k + 1, so its number belongs at k + 1/2.
        foreach (double tick in WholeTicks(columns, (int)(width / 60)))
        {
            double x = left + ((tick + 0.5) * width / columns);
            svg.Line(x, top + height, x, top + height + 4, PlotStyle.Frame);
            svg.Text(x, top + height + 17, AxisTicks.Label(tick), PlotStyle.SmallSize, PlotStyle.Muted, TextAnchor.Middle);
        }

        double widest = 0;
        foreach (double tick in WholeTicks(rows, (int)(height / 50)))
        {
            double y = top + ((tick + 0.5) * height / rows);
            svg.Line(left - 4, y, left, y, PlotStyle.Frame);
            svg.Text(left - 8, y + 4, AxisTicks.Label(tick), PlotStyle.SmallSize, PlotStyle.Muted, TextAnchor.End);
            widest = Math.Max(widest, PlotStyle.WidthOf(AxisTicks.Label(tick), PlotStyle.SmallSize));
        }

        DrawNames(svg, left, top, width, height, widest);
    }

    private void DrawGroups(SvgWriter svg, int rows, double left, double top, double width, double height)
    {
        double widest = 0;
        int start = 0;
        foreach ((string name, int count) in Groups)
        {
            if (start > 0)
            {
                svg.Line(left + (start * width / rows), top, left + (start * width / rows), top + height, "#ffffff", 0.75, 0.6);
                svg.Line(left, top + (start * height / rows), left + width, top + (start * height / rows), "#ffffff", 0.75, 0.6);
            }

            double middle = (start + (count / 2.0)) / rows;
            svg.Text(left + (middle * width), top + height + 17, name, PlotStyle.SmallSize, PlotStyle.Muted, TextAnchor.Middle);
            svg.Text(left - 8, top + (middle * height) + 4, name, PlotStyle.SmallSize, PlotStyle.Muted, TextAnchor.End);
            widest = Math.Max(widest, PlotStyle.WidthOf(name, PlotStyle.SmallSize));
            start += count;
        }

        DrawNames(svg, left, top, width, height, widest);
    }

    private void DrawNames(SvgWriter svg, double left, double top, double width, double height, double widestTick)
    {
        svg.Text(left + (width / 2), top + height + 37, ColumnName, PlotStyle.LabelSize, PlotStyle.Ink, TextAnchor.Middle);
        svg.Text(left - widestTick - 18, top + (height / 2), RowName, PlotStyle.LabelSize, PlotStyle.Ink, TextAnchor.Middle, isUpward: true);
    }

    private static double[] WholeTicks(int count, int wanted) => count == 1
        ? [0]
        : [.. AxisTicks.Linear(0, count - 1, Math.Clamp(wanted, 1, Math.Max(1, count - 1))).Where(double.IsInteger)];

    private static void DrawColumnBars(SvgWriter svg, double[] weights, double left, double bottom, double width)
    {
        MatrixThumbnail bars = MatrixThumbnail.Of(weights, 1, weights.Length, MostSide, ThumbnailRule.Max);
        double step = width / bars.Columns;
        double heaviest = Heaviest(bars);
        for (int j = 0; j < bars.Columns; j++)
        {
            double length = BarDepth * bars.Values[j] / heaviest;
            svg.Rectangle(left + (j * step), bottom - length, BarWidth(step), length, PlotStyle.Target);
        }

        svg.Line(left, bottom, left + width, bottom, PlotStyle.Frame);
    }

    private static void DrawRowBars(SvgWriter svg, double[] weights, double left, double top, double height)
    {
        MatrixThumbnail bars = MatrixThumbnail.Of(weights, 1, weights.Length, MostSide, ThumbnailRule.Max);
        double step = height / bars.Columns;
        double heaviest = Heaviest(bars);
        for (int i = 0; i < bars.Columns; i++)
            svg.Rectangle(left, top + (i * step), BarDepth * bars.Values[i] / heaviest, BarWidth(step), PlotStyle.Source);

        svg.Line(left, top, left, top + height, PlotStyle.Frame);
    }

    private static double Heaviest(MatrixThumbnail bars) => bars.Values.Max() is var max && max > 0 ? max : 1;

    private static double BarWidth(double step) => step > 4 ? step - 1 : step;

    private void DrawColorBar(SvgWriter svg, AxisScale shares, double left, double top, double height)
    {
        const int Steps = 256;
        var rgb = new byte[3 * Steps];
        for (int i = 0; i < Steps; i++)
            (rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]) = ColorMap.At((Steps - 1 - i) / (Steps - 1.0));
        svg.Image(left, top, ColorBarWidth, height, new PngImage(1, Steps, rgb));
        svg.Rectangle(left, top, ColorBarWidth, height, "none", PlotStyle.Frame);

        AxisScale pixels = shares with { PixelMin = top + height, PixelMax = top };
        int wanted = Math.Max(2, (int)(height / 60));
        double[] ticks = shares.IsLogarithmic
            ? AxisTicks.Logarithmic(shares.Min, shares.Max, wanted)
            : AxisTicks.Linear(shares.Min, shares.Max, wanted);
        foreach (double tick in ticks)
        {
            double y = pixels.Map(tick);
            svg.Line(left + ColorBarWidth, y, left + ColorBarWidth + 4, y, PlotStyle.Frame);
            svg.Text(left + ColorBarWidth + 8, y + 4, AxisTicks.Label(tick), PlotStyle.SmallSize, PlotStyle.Muted);
        }

        svg.Text(left, top - 8, ValueName, PlotStyle.SmallSize);
    }

    private void DrawNotes(SvgWriter svg, MatrixThumbnail small, ReadOnlySpan<double> matrix, int rows, int columns, double left, double y)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{rows:#,0} x {columns:#,0}");
        if (small.Values.Length < matrix.Length)
            text += string.Create(CultureInfo.InvariantCulture, $", each cell the {(Rule == ThumbnailRule.Max ? "greatest" : "mean")} of its entries");
        if (small.Values.Any(double.IsNaN))
            text += "; grey: no value";
        svg.Text(left, y, text, PlotStyle.SmallSize, PlotStyle.Muted);
    }
}

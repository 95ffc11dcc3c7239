namespace OtEngine.Cli.Plots;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="X">Where its values are.</param>
/// <param name="Y">Its values; a value that cannot be drawn, as NaN or 0 on a logarithmic axis, leaves a gap.</param>
internal sealed record LineSeries(string Name, double[] X, double[] Y);

/// <summary>A place on the horizontal axis where something begins.</summary>
/// <param name="X">The place.</param>
/// <param name="Name">What begins there.</param>
internal sealed record ChartMark(double X, string Name);

/// <summary>Values over an axis, such as errors over iterations, on even or logarithmic axes.</summary>
internal sealed record LineChart
{
    private const double Width = 640;
    private const double Height = 340;
    private const double MarginLeft = 88;
    private const double MarginRight = 28;
    private const double LegendHeight = 26;
    private const double MarkHeight = 20;

    /// <summary>What is shown.</summary>
    public string Title { get; init; } = "";

    /// <summary>The figures a reader wants beside it; may be empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>What the horizontal axis is.</summary>
    public string NameX { get; init; } = "";

    /// <summary>What the vertical axis is.</summary>
    public string NameY { get; init; } = "";

    /// <summary>Whether equal ratios are equally far apart on the horizontal axis.</summary>
    public bool IsLogarithmicX { get; init; }

    /// <summary>Whether equal ratios are equally far apart on the vertical axis.</summary>
    public bool IsLogarithmicY { get; init; }

    /// <summary>Places that are marked by a line across the chart, in order.</summary>
    public IReadOnlyList<ChartMark> Marks { get; init; } = [];

    /// <summary>What the marks name; stands to the left of their names.</summary>
    public string MarkName { get; init; } = "";

    /// <summary>Draws the picture.</summary>
    /// <returns>An SVG file's text.</returns>
    public string Draw(IReadOnlyList<LineSeries> series)
    {
        double top = PlotFrame.HeadingHeight(Title, Subtitle) + LegendHeight + (Marks.Count > 0 ? MarkHeight : 0);
        (double minX, double maxX) = Extent(series, IsLogarithmicX, point => point.X);
        (double minY, double maxY) = Extent(series, IsLogarithmicY, point => point.Y);
        var x = new AxisScale(minX, maxX, MarginLeft, MarginLeft + Width, IsLogarithmicX);
        var y = new AxisScale(minY, maxY, top + Height, top, IsLogarithmicY);

        var svg = new SvgWriter(MarginLeft + Width + MarginRight, top + Height + 54, Title);
        double legendY = PlotFrame.Heading(svg, MarginLeft, Title, Subtitle) + 4;
        PlotFrame.HorizontalAxis(svg, x, top, top + Height, Ticks(minX, maxX, 8, IsLogarithmicX), NameX);
        PlotFrame.VerticalAxis(svg, y, MarginLeft, MarginLeft + Width, Ticks(minY, maxY, 6, IsLogarithmicY), NameY);

        DrawMarks(svg, x, top);
        double legendX = MarginLeft;
        for (int s = 0; s < series.Count; s++)
        {
            string color = PlotStyle.Series[s % PlotStyle.Series.Length];
            DrawLine(svg, series[s], x, y, color);
            svg.Line(legendX, legendY - 4, legendX + 18, legendY - 4, color, 2.5);
            svg.Text(legendX + 24, legendY, series[s].Name, PlotStyle.LabelSize);
            legendX += 24 + PlotStyle.WidthOf(series[s].Name, PlotStyle.LabelSize) + 22;
        }

        return svg.Finish();
    }

    // A name is left out where the one to its right needs the room; the last stage is the one that matters.
    private void DrawMarks(SvgWriter svg, AxisScale x, double top)
    {
        double room = MarginLeft + Width + MarginRight;
        for (int k = Marks.Count - 1; k >= 0; k--)
        {
            double at = x.Map(Marks[k].X);
            svg.Line(at, top - 4, at, top + Height, PlotStyle.Muted, opacity: 0.55);
            if (at + PlotStyle.WidthOf(Marks[k].Name, PlotStyle.SmallSize) > room)
                continue;
            svg.Text(at, top - 8, Marks[k].Name, PlotStyle.SmallSize, PlotStyle.Muted);
            room = at - 8;
        }

        if (Marks.Count > 0)
            svg.Text(MarginLeft - 8, top - 8, MarkName, PlotStyle.SmallSize, PlotStyle.Muted, TextAnchor.End);
    }

    private static double[] Ticks(double min, double max, int wanted, bool isLogarithmic) =>
        isLogarithmic ? AxisTicks.Logarithmic(min, max, wanted) : AxisTicks.Linear(min, max, wanted);

    private static bool CanBeDrawn(double value, bool isLogarithmic) => double.IsFinite(value) && (!isLogarithmic || value > 0);

    private (double Min, double Max) Extent(IReadOnlyList<LineSeries> series, bool isLogarithmic, Func<(double X, double Y), double> coordinate)
    {
        (double min, double max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach ((double X, double Y) point in series.SelectMany(s => s.X.Zip(s.Y)))
        {
            if (!CanBeDrawn(point.X, IsLogarithmicX) || !CanBeDrawn(point.Y, IsLogarithmicY))
                continue;
            min = Math.Min(min, coordinate(point));
            max = Math.Max(max, coordinate(point));
        }

        if (!(max >= min))
            (min, max) = (1, 10);
        if (isLogarithmic)
            return max > min ? (min, max) : (min / 10, max * 10);

        return max > min ? (min, max) : (min - 1, max + 1);
    }

    private void DrawLine(SvgWriter svg, LineSeries series, AxisScale x, AxisScale y, string color)
    {
        var run = new List<double>();
        for (int i = 0; i <= series.X.Length; i++)
        {
            if (i < series.X.Length && CanBeDrawn(series.X[i], IsLogarithmicX) && CanBeDrawn(series.Y[i], IsLogarithmicY))
            {
                run.AddRange([x.Map(series.X[i]), y.Map(series.Y[i])]);
                continue;
            }

            if (run.Count == 2)
                svg.Circle(run[0], run[1], 2, color);
            else if (run.Count > 2)
                svg.Polyline([.. run], color, 1.8);
            run.Clear();
        }
    }
}

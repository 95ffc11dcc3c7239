using System.Globalization;

namespace OtEngine.Cli.Plots;

/// <summary>
/// A plan as lines between two clouds: the heavier, the wider and darker; markers by weight. Points on the line stand in two rows,
/// points of more than two dimensions are seen in the plane of <see cref="PlaneProjection"/>.
/// </summary>
internal sealed record PlanLinesPlot
{
    private const int MostMarkers = 4000;
    private const double LargestArea = 620;
    private const double MarginLeft = 76;
    private const double MarginRight = 28;
    private const double LegendHeight = 26;
    private const double FootHeight = 74;

    /// <summary>What is shown.</summary>
    public string Title { get; init; } = "Transport plan";

    /// <summary>The figures a reader wants beside it; may be empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>Draws the picture.</summary>
    /// <param name="source">The source measure.</param>
    /// <param name="target">The target measure, of the same dimension.</param>
    /// <param name="edges">The entries of the plan.</param>
    /// <returns>An SVG file's text.</returns>
    public string Draw(PlotPoints source, PlotPoints target, HeaviestEdges edges)
    {
        if (source.Count == 0 || target.Count == 0)
            throw new ArgumentException("A plan between no points has no picture.", nameof(source));

        return source.Dimension == 1 ? DrawRows(source, target, edges) : DrawPlane(source, target, edges);
    }

    private string DrawPlane(PlotPoints source, PlotPoints target, HeaviestEdges edges)
    {
        PlaneProjection plane = PlaneProjection.Of(source, target);
        (double minX, double maxX) = Extent(plane.Source, plane.Target, 0);
        (double minY, double maxY) = Extent(plane.Source, plane.Target, 1);
        double unit = LargestArea / Math.Max(maxX - minX, maxY - minY);
        double width = Math.Max((maxX - minX) * unit, 0.35 * LargestArea);
        double height = Math.Max((maxY - minY) * unit, 0.35 * LargestArea);
        (minX, maxX) = Widen(minX, maxX, width / unit);
        (minY, maxY) = Widen(minY, maxY, height / unit);

        double top = PlotFrame.HeadingHeight(Title, Subtitle) + LegendHeight;
        var svg = new SvgWriter(MarginLeft + width + MarginRight, top + height + FootHeight, Title);
        var x = new AxisScale(minX, maxX, MarginLeft, MarginLeft + width);
        var y = new AxisScale(minY, maxY, top + height, top);

        // One unit is as long on both axes, so both have the same step.
        double step = AxisTicks.Step(0, Math.Max(width, height) / unit, 6);
        PlotFrame.HorizontalAxis(svg, x, top, top + height, AxisTicks.Every(minX, maxX, step), plane.NameX);
        PlotFrame.VerticalAxis(svg, y, MarginLeft, MarginLeft + width, AxisTicks.Every(minY, maxY, step), plane.NameY);

        DrawContents(svg, source, target, edges, Pixels(plane.Source, x, y), Pixels(plane.Target, x, y), width * height, width);
        DrawNotes(svg, source, target, edges, top + height);
        return svg.Finish();
    }

    private string DrawRows(PlotPoints source, PlotPoints target, HeaviestEdges edges)
    {
        const double Width = 760;
        const double Height = 240;
        (double min, double max) = Extent(source.Coordinates, target.Coordinates, 0, 1);
        double top = PlotFrame.HeadingHeight(Title, Subtitle) + LegendHeight;
        var svg = new SvgWriter(MarginLeft + Width + MarginRight, top + Height + FootHeight, Title);
        var x = new AxisScale(min, max, MarginLeft, MarginLeft + Width);
        PlotFrame.HorizontalAxis(svg, x, top, top + Height, AxisTicks.Linear(min, max, 8), "coordinate");

        (double sourceY, double targetY) = (top + 32, top + Height - 32);
        svg.Text(MarginLeft - 12, sourceY + 4, source.Name, PlotStyle.LabelSize, PlotStyle.Source, TextAnchor.End);
        svg.Text(MarginLeft - 12, targetY + 4, target.Name, PlotStyle.LabelSize, PlotStyle.Target, TextAnchor.End);
        DrawContents(svg, source, target, edges, Row(source, x, sourceY), Row(target, x, targetY), Width * Height / 4, Width);
        DrawNotes(svg, source, target, edges, top + Height);
        return svg.Finish();
    }

    private void DrawContents(
        SvgWriter svg,
        PlotPoints source,
        PlotPoints target,
        HeaviestEdges edges,
        double[] from,
        double[] to,
        double area,
        double width)
    {
        PlanEdge[] kept = edges.ToArray();
        double heaviest = kept.Length == 0 ? 1 : kept[^1].Mass;

        // Many lines must each be fainter, or they run together into one blot.
        double strength = Math.Clamp(Math.Sqrt(120.0 / Math.Max(kept.Length, 1)), 0.25, 1);
        svg.OpenGroup("stroke-linecap=\"round\"");
        foreach (PlanEdge edge in kept)
        {
            double share = edge.Mass / heaviest;
            svg.Line(
                from[2 * edge.Source],
                from[(2 * edge.Source) + 1],
                to[2 * edge.Target],
                to[(2 * edge.Target) + 1],
                PlotStyle.Plan,
                (0.3 + (2.2 * Math.Sqrt(share))) * (0.5 + (0.5 * strength)),
                (0.08 + (0.62 * share)) * strength);
        }

        svg.CloseGroup();

        double largest = Math.Clamp(Math.Sqrt(0.05 * area / Math.Max(source.Count, target.Count) / Math.PI), 1.6, 9);
        DrawMarkers(svg, target, to, PlotStyle.Target, largest);
        DrawMarkers(svg, source, from, PlotStyle.Source, largest);

        double legendY = PlotFrame.Heading(svg, MarginLeft, Title, Subtitle) + 4;
        double legendX = DrawLegend(svg, MarginLeft, legendY, source, PlotStyle.Source);
        if (legendX < MarginLeft + width)
            DrawLegend(svg, legendX, legendY, target, PlotStyle.Target);
    }

    private static double DrawLegend(SvgWriter svg, double x, double y, PlotPoints points, string color)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{points.Name} ({points.Count:#,0} {(points.Count == 1 ? "point" : "points")})");
        svg.Circle(x + 5, y - 4, 5, color, opacity: 0.85);
        svg.Text(x + 16, y, text, PlotStyle.LabelSize);
        return x + 16 + PlotStyle.WidthOf(text, PlotStyle.LabelSize) + 24;
    }

    private static void DrawMarkers(SvgWriter svg, PlotPoints points, double[] pixels, string color, double largest)
    {
        double heaviest = points.Weights.Max();
        IEnumerable<int> order = Enumerable.Range(0, points.Count).OrderByDescending(i => points.Weights[i]).Take(MostMarkers);
        svg.OpenGroup("fill-opacity=\"0.85\"");
        foreach (int i in order)
        {
            // The area, not the radius, is what the eye takes for the weight; a point without any is an empty ring.
            double share = heaviest > 0 ? points.Weights[i] / heaviest : 0;
            if (share > 0)
                svg.Circle(pixels[2 * i], pixels[(2 * i) + 1], Math.Max(largest * Math.Sqrt(share), 0.7), color, "#ffffff", 0.5);
            else
                svg.Circle(pixels[2 * i], pixels[(2 * i) + 1], 1.6, "none", color, 0.8);
        }

        svg.CloseGroup();
    }

    private static void DrawNotes(SvgWriter svg, PlotPoints source, PlotPoints target, HeaviestEdges edges, double bottom)
    {
        PlanEdge[] kept = edges.ToArray();
        string lines = edges.Added == kept.Length
            ? string.Create(CultureInfo.InvariantCulture, $"{edges.Added:#,0} {(edges.Added == 1 ? "line" : "lines")}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the {kept.Length:#,0} heaviest of {edges.Added:#,0} lines, {Math.Floor(1000 * kept.Sum(e => e.Mass) / edges.TotalMass) / 10:0.0} % of the mass");
        int most = Math.Max(source.Count, target.Count);
        string markers = most <= MostMarkers ? "" : string.Create(CultureInfo.InvariantCulture, $"; the {MostMarkers:#,0} heaviest points of each side");
        svg.Text(MarginLeft, bottom + 58, lines + markers, PlotStyle.SmallSize, PlotStyle.Muted);
    }

    private static double[] Pixels(double[] plane, AxisScale x, AxisScale y)
    {
        var pixels = new double[plane.Length];
        for (int i = 0; i < plane.Length; i++)
            pixels[i] = (i % 2 == 0 ? x : y).Map(plane[i]);
        return pixels;
    }

    private static double[] Row(PlotPoints points, AxisScale x, double y)
    {
        var pixels = new double[2 * points.Count];
        for (int i = 0; i < points.Count; i++)
            (pixels[2 * i], pixels[(2 * i) + 1]) = (x.Map(points.Coordinates[i]), y);
        return pixels;
    }

    // The range of one coordinate over both clouds, with a margin; never empty.
    private static (double Min, double Max) Extent(double[] source, double[] target, int axis, int stride = 2)
    {
        (double min, double max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (double[] points in new[] { source, target })
        {
            for (int i = axis; i < points.Length; i += stride)
            {
                min = Math.Min(min, points[i]);
                max = Math.Max(max, points[i]);
            }
        }

        double margin = max > min ? 0.04 * (max - min) : Math.Max(Math.Abs(min), 1) * 0.5;
        return (min - margin, max + margin);
    }

    private static (double Min, double Max) Widen(double min, double max, double length)
    {
        double middle = (min + max) / 2;
        return (middle - (length / 2), middle + (length / 2));
    }
}

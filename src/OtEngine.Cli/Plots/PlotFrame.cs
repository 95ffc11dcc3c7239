namespace OtEngine.Cli.Plots;

/// <summary>The parts most plots share: heading, framed area with grid, ticks and axis names.</summary>
internal static class PlotFrame
{
    /// <summary>Writes title and subtitle at the top left.</summary>
    /// <returns>The height they take; at least a margin.</returns>
    public static double Heading(SvgWriter svg, double left, string title, string subtitle)
    {
        double y = 14;
        if (title.Length > 0)
            svg.Text(left, y += 16, title, PlotStyle.TitleSize, isBold: true);
        if (subtitle.Length > 0)
            svg.Text(left, y += 20, subtitle, PlotStyle.LabelSize, PlotStyle.Muted);
        return y + 16;
    }

    /// <summary>The height <see cref="Heading"/> will take.</summary>
    public static double HeadingHeight(string title, string subtitle) => 30 + (title.Length > 0 ? 16 : 0) + (subtitle.Length > 0 ? 20 : 0);

    /// <summary>Draws the horizontal axis below an area: grid lines, tick labels, name.</summary>
    public static void HorizontalAxis(SvgWriter svg, AxisScale scale, double top, double bottom, double[] ticks, string name)
    {
        foreach (double tick in ticks)
        {
            double x = scale.Map(tick);
            svg.Line(x, top, x, bottom, PlotStyle.Grid);
            svg.Line(x, bottom, x, bottom + 4, PlotStyle.Frame);
            svg.Text(x, bottom + 17, AxisTicks.Label(tick), PlotStyle.SmallSize, PlotStyle.Muted, TextAnchor.Middle);
        }

        svg.Line(scale.PixelMin, bottom, scale.PixelMax, bottom, PlotStyle.Frame);
        svg.Text((scale.PixelMin + scale.PixelMax) / 2, bottom + 37, name, PlotStyle.LabelSize, PlotStyle.Ink, TextAnchor.Middle);
    }

    /// <summary>Draws the vertical axis at the left of an area: grid lines, tick labels, name.</summary>
    public static void VerticalAxis(SvgWriter svg, AxisScale scale, double left, double right, double[] ticks, string name)
    {
        double widest = 0;
        foreach (double tick in ticks)
        {
            double y = scale.Map(tick);
            svg.Line(left, y, right, y, PlotStyle.Grid);
            svg.Line(left - 4, y, left, y, PlotStyle.Frame);
            svg.Text(left - 8, y + 4, AxisTicks.Label(tick), PlotStyle.SmallSize, PlotStyle.Muted, TextAnchor.End);
            widest = Math.Max(widest, PlotStyle.WidthOf(AxisTicks.Label(tick), PlotStyle.SmallSize));
        }

        svg.Line(left, scale.PixelMin, left, scale.PixelMax, PlotStyle.Frame);
        svg.Text(left - widest - 18, (scale.PixelMin + scale.PixelMax) / 2, name, PlotStyle.LabelSize, PlotStyle.Ink, TextAnchor.Middle, isUpward: true);
    }
}

using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Plots;

/// <summary>One small image of a contact sheet.</summary>
/// <param name="Pixels">Row-major; 0 is paper, the sheet's greatest value is ink.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Caption">What stands below it; may be empty.</param>
/// <param name="IsRight">Frames it as right or wrong; no frame if null.</param>
internal sealed record ContactSheetCell(double[] Pixels, int Width, int Height, string Caption, bool? IsRight = null);

/// <summary>
/// Small grey images with captions in rows, the first of each row set apart: what was asked, then the nearest to it. Right and wrong
/// answers differ in the frame's colour and, for those who see the two alike, in its line: whole or broken.
/// </summary>
internal sealed record ContactSheet
{
    private const double Cell = 64;
    private const double GapX = 16;
    private const double GapY = 36;
    private const double FirstGap = 30;
    private const double Margin = 28;

    /// <summary>What is shown.</summary>
    public string Title { get; init; } = "Nearest neighbours";

    /// <summary>The figures a reader wants beside it; may be empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>What stands above each column; fewer, or none, leave columns without.</summary>
    public IReadOnlyList<string> Headings { get; init; } = [];

    /// <summary>Draws the picture.</summary>
    /// <param name="rows">The rows; they may differ in length, but none is empty.</param>
    /// <returns>An SVG file's text.</returns>
    public string Draw(IReadOnlyList<IReadOnlyList<ContactSheetCell>> rows)
    {
        int columns = rows.Count == 0 ? 0 : rows.Max(row => row.Count);
        double ink = rows.SelectMany(row => row).SelectMany(cell => cell.Pixels).DefaultIfEmpty(0).Max();
        double headingsHeight = Headings.Count > 0 ? 22 : 0;
        double top = PlotFrame.HeadingHeight(Title, Subtitle) + headingsHeight;
        bool isJudged = rows.Any(row => row.Any(cell => cell.IsRight.HasValue));
        double width = Math.Max(LeftOf(columns) - GapX + Margin, PlotStyle.WidthOf(Title, PlotStyle.TitleSize) + (2 * Margin));
        width = Math.Max(width, PlotStyle.WidthOf(Subtitle, PlotStyle.LabelSize) + (2 * Margin));
        double bottom = top + (rows.Count * (Cell + GapY));

        var svg = new SvgWriter(width, bottom + (isJudged ? 26 : 4), Title);
        PlotFrame.Heading(svg, Margin, Title, Subtitle);
        for (int j = 0; j < Math.Min(columns, Headings.Count); j++)
            svg.Text(LeftOf(j) + (Cell / 2), top - 12, Headings[j], PlotStyle.SmallSize, PlotStyle.Muted, TextAnchor.Middle);
        if (columns > 1)
            svg.Line(LeftOf(1) - (FirstGap / 2) - 4, top - 4, LeftOf(1) - (FirstGap / 2) - 4, bottom - 12, PlotStyle.Grid);

        for (int i = 0; i < rows.Count; i++)
        {
            for (int j = 0; j < rows[i].Count; j++)
                DrawCell(svg, rows[i][j], LeftOf(j), top + (i * (Cell + GapY)), ink);
        }

        if (isJudged)
            DrawLegend(svg, Margin, bottom + 6);
        return svg.Finish();
    }

    private static double LeftOf(int column) => Margin + (column * (Cell + GapX)) + (column > 0 ? FirstGap - GapX + 8 : 0);

    private static void DrawCell(SvgWriter svg, ContactSheetCell cell, double x, double y, double ink)
    {
        var inverted = new double[cell.Pixels.Length];
        for (int i = 0; i < inverted.Length; i++)
            inverted[i] = ink - cell.Pixels[i];

        // The longer side fills the cell; whole pixels per entry keep the picture sharp.
        int zoom = Math.Max(1, (int)(2 * Cell) / Math.Max(cell.Width, cell.Height));
        double scale = Cell / Math.Max(cell.Width, cell.Height);
        (double width, double height) = (scale * cell.Width, scale * cell.Height);
        (double left, double top) = (x + ((Cell - width) / 2), y + ((Cell - height) / 2));
        svg.Image(left, top, width, height, PngImage.FromGrey(inverted, cell.Width, cell.Height, ink).Enlarge(zoom));
        DrawFrame(svg, x, y, Cell, cell.IsRight);
        svg.Text(x + (Cell / 2), y + Cell + 17, cell.Caption, PlotStyle.SmallSize, PlotStyle.Ink, TextAnchor.Middle);
    }

    private static void DrawFrame(SvgWriter svg, double x, double y, double side, bool? isRight)
    {
        switch (isRight)
        {
            case true:
                svg.Rectangle(x - 2, y - 2, side + 4, side + 4, "none", PlotStyle.Right, 2.5);
                break;
            case false:
                svg.OpenGroup("stroke-dasharray=\"6 3\"");
                svg.Rectangle(x - 2, y - 2, side + 4, side + 4, "none", PlotStyle.Wrong, 2.5);
                svg.CloseGroup();
                break;
            default:
                svg.Rectangle(x - 0.5, y - 0.5, side + 1, side + 1, "none", PlotStyle.Missing);
                break;
        }
    }

    private static void DrawLegend(SvgWriter svg, double x, double y)
    {
        DrawFrame(svg, x + 2, y - 8, 10, isRight: true);
        svg.Text(x + 22, y + 2, "same label", PlotStyle.SmallSize, PlotStyle.Muted);
        DrawFrame(svg, x + 112, y - 8, 10, isRight: false);
        svg.Text(x + 132, y + 2, "other label", PlotStyle.SmallSize, PlotStyle.Muted);
    }
}

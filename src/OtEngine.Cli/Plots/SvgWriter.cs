using System.Globalization;
using System.Text;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Plots;

/// <summary>Where a text stands relative to its point.</summary>
internal enum TextAnchor
{
    Start,
    Middle,
    End,
}

/// <summary>
/// Writes one SVG picture, element by element, in pixels from the top left. The result is a file on its own: no scripts, no style
/// sheets, images embedded. Colours are SVG colours.
/// </summary>
internal sealed class SvgWriter
{
    private readonly StringBuilder _svg = new();

    /// <summary>Starts a white picture.</summary>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="title">What a screen reader says.</param>
    public SvgWriter(double width, double height, string title)
    {
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" width="{N(width)}" height="{N(height)}" viewBox="0 0 {N(width)} {N(height)}" """);
        _svg.Append(CultureInfo.InvariantCulture, $"""role="img" font-family="{PlotStyle.FontFamily}">""").Append('\n');
        _svg.Append(CultureInfo.InvariantCulture, $"<title>{Escape(title)}</title>\n");
        Rectangle(0, 0, width, height, "#ffffff");
    }

    /// <summary>Starts a group that shares an opacity, or a colour of fill or stroke: those of <paramref name="attributes"/>.</summary>
    public void OpenGroup(string attributes) => _svg.Append(CultureInfo.InvariantCulture, $"<g {attributes}>\n");

    /// <summary>Ends the group opened last.</summary>
    public void CloseGroup() => _svg.Append("</g>\n");

    /// <summary>A straight line.</summary>
    public void Line(double x1, double y1, double x2, double y2, string stroke, double width = 1, double opacity = 1) => _svg.Append(
        CultureInfo.InvariantCulture,
        $"""<line x1="{N(x1)}" y1="{N(y1)}" x2="{N(x2)}" y2="{N(y2)}" stroke="{stroke}" stroke-width="{N(width)}"{Opacity(opacity)}/>""").Append('\n');

    /// <summary>A line through points, x and y by turns.</summary>
    public void Polyline(ReadOnlySpan<double> coordinates, string stroke, double width)
    {
        _svg.Append("<polyline points=\"");
        for (int i = 0; i + 1 < coordinates.Length; i += 2)
            _svg.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : " ")}{N(coordinates[i])},{N(coordinates[i + 1])}");
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{N(width)}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n");
    }

    /// <summary>A disc, with a rim where <paramref name="stroke"/> is given.</summary>
    public void Circle(double x, double y, double radius, string fill, string? stroke = null, double strokeWidth = 1, double opacity = 1) =>
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"""<circle cx="{N(x)}" cy="{N(y)}" r="{N(radius)}" fill="{fill}"{Stroke(stroke, strokeWidth)}{Opacity(opacity)}/>""").Append('\n');

    /// <summary>A rectangle, with a rim where <paramref name="stroke"/> is given.</summary>
    public void Rectangle(double x, double y, double width, double height, string fill, string? stroke = null, double strokeWidth = 1) =>
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"""<rect x="{N(x)}" y="{N(y)}" width="{N(width)}" height="{N(height)}" fill="{fill}"{Stroke(stroke, strokeWidth)}/>""").Append('\n');

    /// <summary>A line of text whose baseline goes through the point.</summary>
    /// <param name="x">Pixels from the left.</param>
    /// <param name="y">Pixels from the top.</param>
    /// <param name="text">The text.</param>
    /// <param name="size">The size of the font in pixels.</param>
    /// <param name="fill">The colour.</param>
    /// <param name="anchor">Which end of the text the point is.</param>
    /// <param name="isBold">Whether it is a title.</param>
    /// <param name="isUpward">Whether it reads from bottom to top.</param>
    public void Text(
        double x,
        double y,
        string text,
        double size,
        string fill = PlotStyle.Ink,
        TextAnchor anchor = TextAnchor.Start,
        bool isBold = false,
        bool isUpward = false)
    {
        string anchorAttribute = anchor switch
        {
            TextAnchor.Middle => " text-anchor=\"middle\"",
            TextAnchor.End => " text-anchor=\"end\"",
            _ => "",
        };
        string rotation = isUpward ? $" transform=\"rotate(-90 {N(x)} {N(y)})\"" : "";
        string weight = isBold ? " font-weight=\"600\"" : "";
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"""<text x="{N(x)}" y="{N(y)}" font-size="{N(size)}" fill="{fill}"{anchorAttribute}{weight}{rotation}>{Escape(text)}</text>""").Append('\n');
    }

    /// <summary>An image, embedded; it should have about as many pixels as it is given room.</summary>
    public void Image(double x, double y, double width, double height, PngImage image) => _svg.Append(
        CultureInfo.InvariantCulture,
        $"""<image x="{N(x)}" y="{N(y)}" width="{N(width)}" height="{N(height)}" preserveAspectRatio="none" href="data:image/png;base64,{Convert.ToBase64String(PngEncoder.ToBytes(image))}"/>""").Append('\n');

    /// <summary>The finished picture.</summary>
    public string Finish() => _svg + "</svg>\n";

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Opacity(double opacity) =>
        opacity >= 1 ? "" : $" opacity=\"{opacity.ToString("0.###", CultureInfo.InvariantCulture)}\"";

    private static string Stroke(string? stroke, double width) =>
        stroke is null ? "" : $" stroke=\"{stroke}\" stroke-width=\"{N(width)}\"";

    // What XML 1.0 has no way to write, such as most control characters, is replaced.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                < ' ' or 0xFFFE or 0xFFFF => escaped.Append('\uFFFD'),
                _ => escaped.Append(rune.ToString()),
            };
        }

        return escaped.ToString();
    }
}

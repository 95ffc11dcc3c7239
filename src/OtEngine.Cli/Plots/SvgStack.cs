using System.Globalization;
using System.Xml.Linq;

namespace OtEngine.Cli.Plots;

/// <summary>Puts finished pictures next to each other or one below the other.</summary>
internal static class SvgStack
{
    /// <summary>One picture of several, their tops level.</summary>
    /// <param name="pictures">The texts of SVG files that state their width and height in pixels; at least one.</param>
    /// <returns>An SVG file's text.</returns>
    public static string SideBySide(params IReadOnlyList<string> pictures) => Join(pictures, isVertical: false);

    /// <summary>One picture of several, their left edges level.</summary>
    /// <param name="pictures">The texts of SVG files that state their width and height in pixels; at least one.</param>
    /// <returns>An SVG file's text.</returns>
    public static string Below(params IReadOnlyList<string> pictures) => Join(pictures, isVertical: true);

    private static string Join(IReadOnlyList<string> pictures, bool isVertical)
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        XElement[] parts = [.. pictures.Select(picture => XElement.Parse(picture))];
        double[] widths = [.. parts.Select(part => (double)part.Attribute("width")!)];
        double[] heights = [.. parts.Select(part => (double)part.Attribute("height")!)];
        double width = isVertical ? widths.Max() : widths.Sum();
        double height = isVertical ? heights.Sum() : heights.Max();
        XElement whole = new(
            svg + "svg",
            new XAttribute("width", width),
            new XAttribute("height", height),
            new XAttribute("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width} {height}")),
            new XElement(svg + "rect", new XAttribute("width", width), new XAttribute("height", height), new XAttribute("fill", "#ffffff")));
        for (int k = 0; k < parts.Length; k++)
        {
            parts[k].SetAttributeValue(isVertical ? "y" : "x", (isVertical ? heights : widths).Take(k).Sum());
            whole.Add(parts[k]);
        }

        return whole.ToString() + "\n";
    }
}

using OtEngine.Cli.Formats;
using OtEngine.Cli.Plots;

namespace OtEngine.Cli.Transfer;

/// <summary>A picture of a colour transfer: photo, reference and result, each above the cloud of its colours.</summary>
internal static class TransferPicture
{
    private const double Panel = 320;
    private const double Margin = 24;
    private const double AxisRoom = 44;
    private const double Gap = 30;
    private const double CloudTop = 44;
    private const int MostDots = 2500;

    /// <summary>Draws the picture.</summary>
    /// <param name="images">Photo, reference and result with their names.</param>
    /// <returns>An SVG file's text.</returns>
    public static string Draw(params IReadOnlyList<(string Name, PngImage Image)> images)
    {
        double tallest = images.Max(image => Panel * image.Image.Height / image.Image.Width);
        double top = PlotFrame.HeadingHeight("Colour transfer", "") + 6;
        double cloudTop = top + tallest + CloudTop;
        SvgWriter svg = new(AxisRoom + Margin + (images.Count * (Panel + Gap)), cloudTop + Panel + AxisRoom + Margin, "Colour transfer");
        for (int k = 0; k < images.Count; k++)
        {
            double left = AxisRoom + Margin + (k * (Panel + Gap));
            (string name, PngImage image) = images[k];
            svg.Text(left, top - 8, name, PlotStyle.TitleSize, isBold: true);
            svg.Image(left, top, Panel, Panel * image.Height / image.Width, image);
            DrawCloud(svg, image, left, cloudTop, isFirst: k == 0);
        }

        return svg.Finish();
    }

    private static void DrawCloud(SvgWriter svg, PngImage image, double left, double top, bool isFirst)
    {
        AxisScale warmth = new(-1, 1, left, left + Panel);
        AxisScale lightness = new(0, 1, top + Panel, top);
        PlotFrame.HorizontalAxis(svg, warmth, top, top + Panel, AxisTicks.Linear(-1, 1, 4), "red minus blue");
        PlotFrame.VerticalAxis(svg, lightness, left, left + Panel, AxisTicks.Linear(0, 1, 5), isFirst ? "green" : "");
        int pixels = image.Width * image.Height;
        int dots = Math.Min(pixels, MostDots);
        svg.OpenGroup("fill-opacity=\"0.7\"");
        for (int k = 0; k < dots; k++)
        {
            // Evenly spread over the image, and the same for every run.
            int at = 3 * (int)((long)k * pixels / dots);
            (byte red, byte green, byte blue) = (image.Rgb[at], image.Rgb[at + 1], image.Rgb[at + 2]);
            svg.Circle(warmth.Map((red - blue) / 255.0), lightness.Map(green / 255.0), 2.2, $"#{red:x2}{green:x2}{blue:x2}");
        }

        svg.CloseGroup();
    }
}

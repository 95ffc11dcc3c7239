using System.Xml.Linq;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Plots;
using static OtEngine.Cli.Tests.Plots.PlotGallery;

namespace OtEngine.Cli.Tests.Plots;

[TestFixture]
internal sealed class HeatMapPlotTests
{
    [Test]
    public void Draw_SmallMatrix_PaintsEachEntryInItsColour()
    {
        double[] plan = [0.3, 0, 0.1, 0, 0.25, 0.35];
        string text = new HeatMapPlot { Title = "A plan of 2 x 3" }.Draw(plan, 2, 3, [0.4, 0.6], [0.3, 0.25, 0.45]);
        XElement svg = Keep("heat_map_small", text);

        PngImage image = Embedded(All(svg, "image").First());
        int zoom = image.Width / 3;
        for (int i = 0; i < 2; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                int at = 3 * ((((i * zoom) + (zoom / 2)) * image.Width) + (j * zoom) + (zoom / 2));
                Assert.That((image.Rgb[at], image.Rgb[at + 1], image.Rgb[at + 2]), Is.EqualTo(ColorMap.At(plan[(3 * i) + j] / 0.35)));
            }
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Draw_LargePlan_IsShrunkAndHasItsMarginals(bool isLogarithmic)
    {
        const int Rows = 1499;
        const int Columns = 1201;
        var plan = new double[Rows * Columns];
        var a = new double[Rows];
        var b = new double[Columns];
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j < Columns; j++)
            {
                double off = ((double)i / Rows) - ((double)j / Columns) + (0.1 * Math.Sin(7.0 * j / Columns));
                double mass = Math.Exp(-off * off / 0.002) * (i % 97 == 0 ? 0 : 1 + Math.Sin(10.0 * i / Rows));
                plan[(i * Columns) + j] = mass;
                a[i] += mass;
                b[j] += mass;
            }
        }

        var plot = new HeatMapPlot { Title = "Entropic plan", Subtitle = "epsilon 0.002", IsLogarithmic = isLogarithmic };
        string text = plot.Draw(plan, Rows, Columns, a, b);
        XElement svg = Keep($"heat_map_large_{(isLogarithmic ? "log" : "linear")}", text);

        PngImage image = Embedded(All(svg, "image").First());
        Assert.That((image.Width, image.Height), Is.EqualTo((600, 600)));
        Assert.That(text, Has.Length.LessThan(1_500_000));
        Assert.That(Texts(svg).Last(), Does.StartWith("1,499 x 1,201, each cell the greatest"));
    }

    [Test]
    public void Draw_HalfFinishedDistances_ShowsWhatIsMissingInGrey()
    {
        const int N = 40;
        var distances = new double[N * N];
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < N; j++)
                distances[(i * N) + j] = Math.Max(i, j) >= 29 ? double.NaN : Math.Abs(Math.Sin(i) - Math.Sin(j));
        }

        var plot = new HeatMapPlot { Title = "Distances", RowName = "histogram", ColumnName = "histogram", ValueName = "W2", Rule = ThumbnailRule.Mean };
        XElement svg = Keep("heat_map_missing", plot.Draw(distances, N, N));

        PngImage image = Embedded(All(svg, "image").First());
        Assert.That(image.Rgb[^3..], Is.EqualTo(new byte[] { 0xcb, 0xd2, 0xd9 }));
        Assert.That(Texts(svg).Last(), Does.EndWith("grey: no value"));
    }

    [TestCase(1, 1)]
    [TestCase(1, 7)]
    [TestCase(601, 1)]
    public void Draw_ThinMatrices_StayReadable(int rows, int columns)
    {
        double[] values = [.. Enumerable.Range(0, rows * columns).Select(k => (double)(k % 5))];
        XElement svg = Keep($"heat_map_{rows}x{columns}", new HeatMapPlot().Draw(values, rows, columns, new double[rows], new double[columns]));

        Assert.That(All(svg, "image").Count(), Is.EqualTo(2));
    }

    private static PngImage Embedded(XElement image)
    {
        string href = (string)image.Attribute("href")!;
        byte[] file = Convert.FromBase64String(href["data:image/png;base64,".Length..]);
        return PngDecoder.Read(new MemoryStream(file), file.Length, "embedded", ReadLimits.Default);
    }
}

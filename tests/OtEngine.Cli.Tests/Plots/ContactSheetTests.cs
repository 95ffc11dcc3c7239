using System.Xml.Linq;
using OtEngine.Cli.Formats;
using OtEngine.Cli.Plots;
using static OtEngine.Cli.Tests.Plots.PlotGallery;

namespace OtEngine.Cli.Tests.Plots;

[TestFixture]
internal sealed class ContactSheetTests
{
    [Test]
    public void Draw_DigitsWithNeighbours_FramesRightAndWrong()
    {
        var rows = new List<IReadOnlyList<ContactSheetCell>>();
        for (int i = 0; i < 5; i++)
        {
            var row = new List<ContactSheetCell> { new(Ring(i), 8, 8, $"digit {i}") };
            for (int j = 1; j <= 6; j++)
                row.Add(new ContactSheetCell(Ring(i + j), 8, 8, $"{i} at {0.37 * j:0.00}", (i + j) % 5 != 0));
            rows.Add(row);
        }

        var sheet = new ContactSheet { Title = "Digits and their nearest in W2", Subtitle = "1,797 images of 8 x 8", Headings = ["query", "1st", "2nd", "3rd", "4th", "5th", "6th"] };
        XElement svg = Keep("contact_sheet", sheet.Draw(rows));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(All(svg, "image").Count(), Is.EqualTo(5 * 7));
            Assert.That(All(svg, "rect").Count(r => (string?)r.Attribute("stroke") == PlotStyle.Wrong), Is.EqualTo(6 + 1));
            Assert.That(All(svg, "rect").Count(r => (string?)r.Attribute("stroke") == PlotStyle.Right), Is.EqualTo(24 + 1));
            Assert.That(Texts(svg), Does.Contain("query").And.Contain("digit 4").And.Contain("other label"));
        }
    }

    [Test]
    public void Draw_ImagesOfDifferentShapes_KeepTheirShape()
    {
        ContactSheetCell[] row = [new([0, 1, 2], 3, 1, "flat"), new(new double[700], 7, 100, "<tall> & \"blank\"")];

        XElement svg = Keep("contact_sheet_shapes", new ContactSheet { Title = "" }.Draw([row]));
        XElement[] images = [.. All(svg, "image")];

        Assert.That(Number(images[0], "width") / Number(images[0], "height"), Is.EqualTo(3).Within(1e-2));
        Assert.That(Texts(svg), Does.Contain("<tall> & \"blank\""));
    }

    private static double[] Ring(int k)
    {
        var pixels = new double[64];
        for (int i = 0; i < 64; i++)
        {
            double radius = Math.Sqrt(Math.Pow((i % 8) - 3.5, 2) + Math.Pow((i / 8) - 3.5, 2));
            pixels[i] = Math.Round(16 * Math.Exp(-Math.Pow(radius - 1 - (k % 4 * 0.7), 2)));
        }

        return pixels;
    }
}

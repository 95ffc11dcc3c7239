using System.Xml.Linq;
using OtEngine.Cli.Plots;
using static OtEngine.Cli.Tests.Plots.PlotGallery;

namespace OtEngine.Cli.Tests.Plots;

[TestFixture]
internal sealed class LineChartTests
{
    [Test]
    public void Draw_ErrorsOverIterations_AreStraightOnALogarithmicAxis()
    {
        double[] sweeps = [.. Enumerable.Range(0, 200).Select(i => (double)i)];
        var chart = new LineChart { Title = "Convergence", Subtitle = "marginal error by sweep", NameX = "sweep", NameY = "L1 error", IsLogarithmicY = true };

        XElement svg = Keep("line_chart", chart.Draw(
        [
            new LineSeries("plain", sweeps, [.. sweeps.Select(s => Math.Pow(10, -s / 40))]),
            new LineSeries("over-relaxed", sweeps, [.. sweeps.Select(s => s is 50 or 52 ? double.NaN : Math.Pow(10, -s / 18) * (1.2 + Math.Sin(s / 5)))]),
        ]));

        double[] first = [.. ((string)All(svg, "polyline").First().Attribute("points")!).Split(' ', ',').Select(double.Parse)];
        double slope = (first[^1] - first[1]) / (first[^2] - first[0]);
        double slopeToMiddle = (first[201] - first[1]) / (first[200] - first[0]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(slopeToMiddle, Is.EqualTo(slope).Within(1e-3));
            Assert.That(All(svg, "polyline").Count(), Is.EqualTo(3), "a NaN interrupts its line");
            Assert.That(Texts(svg), Does.Contain("plain").And.Contain("over-relaxed").And.Contain("L1 error"));
        }
    }

    [Test]
    public void Draw_Marks_AreLinesAcrossAndNamedWhereThereIsRoom()
    {
        var chart = new LineChart { IsLogarithmicX = true, Marks = [new(1, "0.8"), new(50, "0.4"), new(51, "0.2"), new(52, "0.1")], MarkName = "epsilon" };

        XElement svg = Keep("line_chart_marks", chart.Draw([new LineSeries("error", [1, 10, 100, 1000], [4, 3, 2, 1])]));

        double[] across = [.. All(svg, "line").Where(line => line.Attribute("opacity") is not null).Select(line => Number(line, "x1"))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(across, Has.Length.EqualTo(4).And.Ordered.Descending);
            Assert.That(Texts(svg), Does.Contain("epsilon").And.Contain("0.8").And.Contain("0.1").And.Not.Contain("0.2").And.Not.Contain("0.4"));
        }
    }

    [Test]
    public void Draw_NothingThatCanBeDrawn_IsAnEmptyFrame()
    {
        XElement svg = Keep("line_chart_empty", new LineChart { IsLogarithmicX = true, IsLogarithmicY = true }.Draw([new LineSeries("none", [1, 0], [-1, 2])]));

        Assert.That(All(svg, "polyline"), Is.Empty);
    }
}

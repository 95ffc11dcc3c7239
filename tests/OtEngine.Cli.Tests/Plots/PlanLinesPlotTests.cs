using System.Xml.Linq;
using OtEngine.Cli.Plots;
using static OtEngine.Cli.Tests.Plots.PlotGallery;

namespace OtEngine.Cli.Tests.Plots;

[TestFixture]
internal sealed class PlanLinesPlotTests
{
    [Test]
    public void Draw_TwoDimensions_HasALineForEachEntryAndAMarkerForEachPoint()
    {
        PlotPoints source = Moon("source", 61, 0, 11);
        PlotPoints target = Moon("target", 53, 1, 12);
        HeaviestEdges edges = GreedyPlan(source, target);

        XElement svg = Keep("plan_lines", new PlanLinesPlot { Title = "Exact plan", Subtitle = "61 to 53 points, W2 = 0.8131" }.Draw(source, target, edges));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(All(svg, "g").First().Elements().Count(), Is.EqualTo(edges.Added));
            Assert.That(All(svg, "g").Skip(1).Sum(g => g.Elements().Count()), Is.EqualTo(61 + 53));
            Assert.That(Texts(svg), Does.Contain("source (61 points)").And.Contain("target (53 points)").And.Contain("Exact plan"));
        }
    }

    [Test]
    public void Draw_EqualDistances_AreEqualOnBothAxes()
    {
        var source = new PlotPoints("a", [0, 0, 10, 0], 2, [1, 2]);
        var target = new PlotPoints("b", [0, 3, 10, 3], 2, [2, 1]);

        XElement svg = Keep("plan_lines_wide", new PlanLinesPlot().Draw(source, target, new HeaviestEdges()));
        double[][] discs = [.. All(svg, "g").Skip(1).SelectMany(g => g.Elements()).Select(c => new[] { Number(c, "cx"), Number(c, "cy") })];
        double across = discs.Max(d => d[0]) - discs.Min(d => d[0]);
        double up = discs.Max(d => d[1]) - discs.Min(d => d[1]);

        // The picture's numbers have two decimals.
        Assert.That(up / across, Is.EqualTo(0.3).Within(1e-3));
    }

    [Test]
    public void Draw_WeightsWithZeros_AreAreasAndRings()
    {
        var source = new PlotPoints("a", [0, 0, 1, 1, 2, 0], 2, [4, 1, 0]);
        var target = new PlotPoints("b", [0, 2], 2, [5]);

        XElement svg = Keep("plan_lines_weights", new PlanLinesPlot().Draw(source, target, new HeaviestEdges()));
        XElement[] discs = [.. All(svg, "g").Last().Elements()];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Number(discs[0], "r") / Number(discs[1], "r"), Is.EqualTo(2).Within(1e-2));
            Assert.That((string)discs[2].Attribute("fill")!, Is.EqualTo("none"));
        }
    }

    [Test]
    public void Draw_OneDimension_StandsInTwoRows()
    {
        var random = new Random(3);
        double[] x = [.. Enumerable.Range(0, 31).Select(_ => random.NextDouble() * 4)];
        double[] y = [.. Enumerable.Range(0, 23).Select(_ => 2 + (random.NextDouble() * 3))];
        var source = new PlotPoints("source", x, 1, [.. x.Select(_ => random.NextDouble())]);
        var target = new PlotPoints("target", y, 1, [.. y.Select(_ => random.NextDouble())]);
        HeaviestEdges edges = GreedyPlan(source, target);

        XElement svg = Keep("plan_lines_1d", new PlanLinesPlot { Title = "Transport on the line" }.Draw(source, target, edges));

        Assert.That(All(svg, "circle").Skip(2).Select(c => Number(c, "cy")).Distinct().Count(), Is.LessThanOrEqualTo(3));
    }

    [Test]
    public void Draw_DensePlan_IsThinnedToTheHeaviest()
    {
        PlotPoints source = Moon("source", 211, 0, 1);
        PlotPoints target = Moon("target", 199, 1, 2);
        var edges = new HeaviestEdges();
        for (int i = 0; i < source.Count; i++)
            edges.AddRow(i, [.. Enumerable.Range(0, target.Count).Select(j => Math.Exp(-40 * Distance(source, target, i, j)))]);

        XElement svg = Keep("plan_lines_dense", new PlanLinesPlot { Title = "Entropic plan", Subtitle = "epsilon 0.025" }.Draw(source, target, edges));

        Assert.That(All(svg, "g").First().Elements().Count(), Is.EqualTo(3000));
        Assert.That(Texts(svg).Last(), Does.StartWith("the 3,000 heaviest of 41,989 lines, "));
    }

    [Test]
    public void Draw_FiveDimensions_UsesThePlaneOfMostVariance()
    {
        var random = new Random(8);
        PlotPoints source = Cloud("source", 101, 0);
        PlotPoints target = Cloud("target", 89, 3);

        XElement svg = Keep("plan_lines_5d", new PlanLinesPlot { Title = "Five dimensions" }.Draw(source, target, GreedyPlan(source, target)));

        Assert.That(Texts(svg), Has.Some.StartsWith("first principal axis (").And.Some.StartsWith("second principal axis ("));

        PlotPoints Cloud(string name, int n, double shift)
        {
            var points = new double[5 * n];
            for (int i = 0; i < points.Length; i++)
                points[i] = (i % 5 == 2 ? shift : 0) + ((i % 5 == 4 ? 2 : 0.3) * (random.NextDouble() - 0.5));
            return new PlotPoints(name, points, 5, [.. Enumerable.Range(0, n).Select(i => i % 7 == 0 ? 0 : random.NextDouble())]);
        }
    }

    // Sorted by the first coordinate and matched in order: the marginals hold, which is all a picture needs.
    private static HeaviestEdges GreedyPlan(PlotPoints source, PlotPoints target)
    {
        var edges = new HeaviestEdges();
        int[] from = Sorted(source);
        int[] to = Sorted(target);
        double[] a = [.. source.Weights.Select(w => w / source.Weights.Sum())];
        double[] b = [.. target.Weights.Select(w => w / target.Weights.Sum())];
        for (int i = 0, j = 0; i < from.Length && j < to.Length;)
        {
            double mass = Math.Min(a[from[i]], b[to[j]]);
            edges.Add(from[i], to[j], mass);
            a[from[i]] -= mass;
            b[to[j]] -= mass;
            if (a[from[i]] <= b[to[j]])
                i++;
            else
                j++;
        }

        return edges;

        static int[] Sorted(PlotPoints points) => [.. Enumerable.Range(0, points.Count).OrderBy(i => points.Coordinates[i * points.Dimension])];
    }

    private static double Distance(PlotPoints source, PlotPoints target, int i, int j)
    {
        double dx = source.Coordinates[2 * i] - target.Coordinates[2 * j];
        double dy = source.Coordinates[(2 * i) + 1] - target.Coordinates[(2 * j) + 1];
        return (dx * dx) + (dy * dy);
    }

    private static PlotPoints Moon(string name, int n, int side, int seed)
    {
        var random = new Random(seed);
        var points = new double[2 * n];
        var weights = new double[n];
        for (int i = 0; i < n; i++)
        {
            double angle = Math.PI * random.NextDouble();
            points[2 * i] = (side == 0 ? Math.Cos(angle) : 1 - Math.Cos(angle)) + (0.1 * random.NextDouble());
            points[(2 * i) + 1] = (side == 0 ? Math.Sin(angle) : 0.5 - Math.Sin(angle)) + (0.1 * random.NextDouble());
            weights[i] = i % 10 == 3 ? 0 : 0.2 + random.NextDouble();
        }

        return new PlotPoints(name, points, 2, weights);
    }
}

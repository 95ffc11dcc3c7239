using OtEngine.Cli.Plots;

namespace OtEngine.Cli.Tests.Plots;

[TestFixture]
internal sealed class PlaneProjectionTests
{
    // A hundred power iterations on a spectrum with a gap of four settle far below a pixel of a thousand.
    private const double Pixel = 1e-6;

    [Test]
    public void Of_PointsInAPlaneOfSevenDimensions_KeepsTheirDistances()
    {
        var random = new Random(23);
        double[] u = [0.5, 0.5, 0, 0.5, 0, 0.5, 0];
        double[] v = [0.5, -0.5, 0.5, 0, 0, 0, 0.5];
        PlotPoints source = Cloud("source", 31, 0);
        PlotPoints target = Cloud("target", 29, 5);

        PlaneProjection plane = PlaneProjection.Of(source, target);

        for (int i = 0; i < source.Count; i++)
        {
            for (int j = 0; j < target.Count; j++)
            {
                double inSpace = Distance(source.Coordinates, i, target.Coordinates, j, 7);
                Assert.That(Distance(plane.Source, i, plane.Target, j, 2), Is.EqualTo(inSpace).Within(Pixel));
            }
        }

        PlotPoints Cloud(string name, int n, double shift)
        {
            var points = new double[7 * n];
            for (int i = 0; i < n; i++)
            {
                (double s, double t) = (shift + (4 * random.NextDouble()), random.NextDouble());
                for (int k = 0; k < 7; k++)
                    points[(7 * i) + k] = 3 + (s * u[k]) + (t * v[k]);
            }

            return new PlotPoints(name, points, 7, [.. Enumerable.Range(0, n).Select(i => i % 5 == 0 ? 0 : random.NextDouble())]);
        }
    }

    [Test]
    public void Of_TwoDimensions_LeavesThePoints()
    {
        var source = new PlotPoints("a", [1, 2, 3, 4], 2, [1, 0]);
        var target = new PlotPoints("b", [5, 6], 2, [3]);

        Assert.That(PlaneProjection.Of(source, target).Source, Is.SameAs(source.Coordinates));
        Assert.Throws<ArgumentException>(() => PlaneProjection.Of(source, new PlotPoints("c", [1, 2, 3], 3, [1])));
    }

    [Test]
    public void Of_PointsAllInOnePlace_StayInOnePlace()
    {
        var source = new PlotPoints("a", [1, 1, 1, 1, 1, 1], 3, [1, 2]);

        Assert.That(PlaneProjection.Of(source, source).Source, Is.All.EqualTo(0).Within(Pixel));
    }

    private static double Distance(double[] x, int i, double[] y, int j, int dimension)
    {
        double sum = 0;
        for (int k = 0; k < dimension; k++)
            sum += Math.Pow(x[(i * dimension) + k] - y[(j * dimension) + k], 2);
        return Math.Sqrt(sum);
    }
}

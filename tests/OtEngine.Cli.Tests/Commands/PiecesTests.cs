using OtEngine.Cli.Pairwise;
using OtEngine.Cli.Transfer;

namespace OtEngine.Cli.Tests.Commands;

[TestFixture]
internal sealed class PiecesTests
{
    private const double Rounding = 1e-6;

    [TestCase("solv", "solve")]
    [TestCase("sovle", "solve")]
    [TestCase("--cots-matrix", "--cost-matrix")]
    [TestCase("--plna", "--plan")]
    [TestCase("frobnicate", null)]
    [TestCase("x", null)]
    [TestCase("", null)]
    public void Suggestion_IsTheNearestWordOrNone(string word, string? expected) =>
        Assert.That(Suggestion.For(word, ["solve", "line", "--cost-matrix", "--cost", "--plan", "--plot"]), Is.EqualTo(expected));

    [Test]
    public void NearestNeighbours_TiesAndVotes_AreDecidedAsDocumented()
    {
        double[] distances =
        [
            0, 1, 1, 5,
            1, 0, 2, 5,
            1, 2, 0, 5,
            5, 5, 5, 0,
        ];
        double[] labels = [3, 3, 8, 8];
        NearestNeighbours two = new(distances, labels, 2);
        NearestNeighbours all = new(distances, labels, 99);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(two.Of(0).ToArray(), Is.EqualTo(new[] { 1, 2 }), "of equally near items the one with the lower index");
            Assert.That(two.Of(3).ToArray(), Is.EqualTo(new[] { 0, 1 }));
            Assert.That(two.Predicted, Is.EqualTo(new double[] { 3, 3, 3, 3 }), "of labels with as many votes the nearest neighbour's");
            Assert.That(two.Correct, Is.EqualTo(2));
            Assert.That(two.Accuracy, Is.EqualTo(0.5));
            Assert.That(all.Size, Is.EqualTo(3));
            Assert.That(all.Of(2).ToArray(), Is.EqualTo(new[] { 0, 1, 3 }));
            Assert.That(new NearestNeighbours([0], [1], 3).Accuracy, Is.NaN);
        }
    }

    [TestCase("8x8", new[] { 8, 8 })]
    [TestCase("5", new[] { 5 })]
    [TestCase("2x3X4", new[] { 2, 3, 4 })]
    [TestCase("0x8", null)]
    [TestCase("8x", null)]
    [TestCase("-1x8", null)]
    [TestCase("99999x99999", null)]
    [TestCase("2147483648", null)]
    public void Grid_Parse(string text, int[]? expected) => Assert.That(GridCosts.Parse(text), Is.EqualTo(expected));

    [Test]
    public void GridCosts_AreThoseOfPixelCoordinates()
    {
        double[] squared = GridCosts.Between<double>([2, 3], Cost.SquaredEuclidean);
        double[] euclidean = GridCosts.Between<double>([2, 3], Cost.Euclidean);
        double[] chebyshev = GridCosts.Between<double>([2, 3], Cost.Chebyshev);
        double[] cubed = GridCosts.Between<double>([2, 3], Cost.PNorm(3, 2));
        const int FromCornerToCorner = 5;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(squared[FromCornerToCorner], Is.EqualTo(5));
            Assert.That(euclidean[FromCornerToCorner], Is.EqualTo(Math.Sqrt(5)));
            Assert.That(chebyshev[FromCornerToCorner], Is.EqualTo(2));
            Assert.That(cubed[FromCornerToCorner], Is.EqualTo(Math.Pow(9, 2 / 3.0)).Within(1e-14));
            Assert.That(squared[(3 * 6) + 1], Is.EqualTo(2), "from (1, 0) to (0, 1)");
            Assert.That(squared[(4 * 6) + 4], Is.Zero);
        }
    }

    [Test]
    public void GuidedFilter_GuideWithAnEdge_SmoothsNoiseAndKeepsTheEdge()
    {
        const int Width = 41;
        const int Height = 13;
        Random random = new(2);
        float[] guide = new float[Width * Height];
        float[] values = new float[Width * Height];
        for (int i = 0; i < guide.Length; i++)
        {
            guide[i] = i % Width < 20 ? 0.1f : 0.9f;
            values[i] = (i % Width < 20 ? -1 : 1) + (float)(0.2 * (random.NextDouble() - 0.5));
        }

        float[] smooth = new GuidedFilter(guide, Width, radius: 4, flatness: 1e-3f).Smooth(values);
        for (int i = 0; i < guide.Length; i++)
            Assert.That(smooth[i], Is.EqualTo(i % Width < 20 ? -1 : 1).Within(0.05), $"column {i % Width}");
    }

    [TestCase(1, 1, 3)]
    [TestCase(5, 1, 2)]
    [TestCase(2, 7, 9)]
    public void GuidedFilter_ConstantValues_StayAsTheyAre(int width, int height, int radius)
    {
        float[] guide = [.. Enumerable.Range(0, width * height).Select(i => i / 20f)];
        float[] values = [.. Enumerable.Repeat(0.3f, width * height)];
        Assert.That(new GuidedFilter(guide, width, radius, 1e-3f).Smooth(values), Is.All.EqualTo(0.3f).Within(Rounding));
    }

    [Test]
    public void Progress_IsSilentForASecondAndThenShowsABarWithTheTimeLeft()
    {
        using StringWriter output = new();
        SteppedTime time = new();
        using (ProgressDisplay progress = new(output, time))
        {
            progress.Begin(total: 1000, inherited: 200);
            time.Step(TimeSpan.FromSeconds(0.9));
            progress.Report(new SolveProgress(100, 300, 1));
            Assert.That(output.ToString(), Is.Empty);

            progress.Advance(300);
            time.Step(TimeSpan.FromSeconds(1.1));
            progress.Report(new SolveProgress(100, 300, 1));
            Assert.That(output.ToString(), Does.Contain("60 %").And.Contain("600 of 1,000").And.Contain("200/s").And.Contain("00:00:02 left"));
        }

        Assert.That(output.ToString(), Does.EndWith("\r"), "the line is wiped");
    }

    [Test]
    public void Progress_OfOneProblem_CountsIterations()
    {
        using StringWriter output = new();
        SteppedTime time = new();
        using ProgressDisplay progress = new(output, time);
        time.Step(TimeSpan.FromSeconds(2));
        progress.Report(new SolveProgress(0, 1, 12345));
        progress.Report(new SolveProgress(0, 1, 23456));
        Assert.That(output.ToString(), Is.EqualTo("\r12,345 iterations, 2 s"), "not more than ten times a second");
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _now = 1;

        public override long GetTimestamp() => _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Step(TimeSpan time) => _now += time.Ticks;
    }
}

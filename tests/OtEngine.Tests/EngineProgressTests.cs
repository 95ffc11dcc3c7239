using System.Diagnostics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

internal sealed class EngineProgressTests
{
    // The documented pace, less what reading the clock a moment later may shift.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(45);

    [Test]
    public void SolveCosts_LongBatch_ReportsNowAndThenAndNeverGoesBack([Values(1, 3)] int threads)
    {
        const int Bins = 64;
        const int Histograms = 60;
        DenseGeometry<double> geometry = new(Drawn.Costs(1, Bins, Bins, 1000), Bins, Bins);
        double[] histograms = [.. Enumerable.Range(0, Histograms).SelectMany(k => Drawn.ExactWeights(k, Bins))];
        (int First, int Second)[] pairs = [.. from i in Enumerable.Range(0, Histograms) from j in Enumerable.Range(0, Histograms) select (i, j)];
        using Engine engine = Engine.Create(o => o.Threads = threads);
        Listener listener = new();
        int calls = 0;
        long start = Stopwatch.GetTimestamp();
        for (; listener.Reports.Count < 3 && calls < 100; calls++)
        {
            listener.Reports.Clear();
            start = Stopwatch.GetTimestamp();
            (int, int)[] longer = [.. Enumerable.Repeat(pairs, calls + 1).SelectMany(p => p)];
            engine.SolveCosts<double>(geometry, histograms, longer, new Exact(), new double[longer.Length], listener);
        }

        (long Time, SolveProgress Progress)[] reports = [.. listener.Reports];
        TestContext.Out.WriteLine($"{reports.Length} reports of {calls * pairs.Length} pairs in {Stopwatch.GetElapsedTime(start)}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reports, Has.Length.GreaterThanOrEqualTo(3));
            Assert.That(reports.Select(r => r.Progress.Completed), Is.Ordered);
            Assert.That(reports.Select(r => r.Progress.Completed), Is.All.InRange(0, calls * pairs.Length));
            Assert.That(reports.Select(r => r.Progress.Total), Is.All.EqualTo(calls * pairs.Length));
            Assert.That(Stopwatch.GetElapsedTime(start, reports[0].Time), Is.GreaterThan(Pace));
            for (int k = 1; k < reports.Length; k++)
                Assert.That(Stopwatch.GetElapsedTime(reports[k - 1].Time, reports[k].Time), Is.GreaterThan(Pace), $"report {k}");
        }
    }

    [Test]
    public void Solve_OneLongProblem_ReportsItsPivots()
    {
        const int Count = 4000;
        PointCloudGeometry<double> geometry = new(Drawn.Cloud(1, Count, 3), Drawn.Cloud(2, Count, 3), 3, Cost.Euclidean);
        TransportProblem<double> problem = TransportProblem.On(geometry).WithWeights(Drawn.ExactWeights(3, Count), Drawn.ExactWeights(4, Count));
        Listener listener = new();
        using TransportResult<double> result = Engines.Default.Solve(problem, new Exact(), listener);
        SolveProgress[] reports = [.. listener.Reports.Select(r => r.Progress).Where(p => p.Iterations > 0)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reports, Is.Not.Empty);
            Assert.That(reports.Select(p => p.Iterations), Is.Ordered.And.All.LessThanOrEqualTo(result.Iterations));
            Assert.That(reports, Is.All.Matches<SolveProgress>(p => p is { Completed: 0, Total: 1 }));
        }
    }

    [Test]
    public void Solve_WhoseListenerThrows_ThrowsThat()
    {
        const int Count = 4000;
        PointCloudGeometry<double> geometry = new(Drawn.Cloud(1, Count, 3), Drawn.Cloud(2, Count, 3), 3, Cost.Euclidean);
        Assert.That(
            () => Engines.Default.Solve(TransportProblem.On(geometry), new Exact(), new Listener { Throws = true }),
            Throws.InvalidOperationException);
    }

    /// <summary>Hears on the thread that reports, where Progress would post to another one.</summary>
    private sealed class Listener : IProgress<SolveProgress>
    {
        public List<(long Time, SolveProgress Progress)> Reports { get; } = [];

        public bool Throws { get; init; }

        public void Report(SolveProgress value)
        {
            if (Throws)
                throw new InvalidOperationException("The listener failed.");
            lock (Reports)
                Reports.Add((Stopwatch.GetTimestamp(), value));
        }
    }
}

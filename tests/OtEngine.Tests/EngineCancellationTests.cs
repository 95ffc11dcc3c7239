using System.Diagnostics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Cancelled calls end soon, with the token's exception, and leave the engine as it was.</summary>
internal sealed class EngineCancellationTests
{
    // The design asks for 50 ms, which bench/ measures on a quiet machine; a crowded one is only held to what nobody would call soon.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Head = TimeSpan.FromMilliseconds(80);

    [Test]
    public void EveryCall_WithACancelledToken_EndsBeforeWork()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        TransportProblem<double> problem = Small(1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Engines.Default.Solve(problem, new Exact(), cancellationToken: source.Token), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(() => Engines.Default.SolveBatch([problem, problem], new Exact(), cancellationToken: source.Token), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(() => Engines.Default.SolveBatch<double>([], new Exact(), cancellationToken: source.Token), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(
                () => Engines.Default.SolveCosts<double>(problem.Geometry, new double[31], [], new Exact(), Memory<double>.Empty, cancellationToken: source.Token),
                Throws.InstanceOf<OperationCanceledException>());
        }
    }

    // Few coordinates: costs on the fly. Many: the cost matrix is stored first, which alone takes seconds.
    [TestCase(3000, 3)]
    [TestCase(3000, 8)]
    [TestCase(3000, 1024)]
    public void Solve_CancelledInTheMiddleOfOneProblem_EndsSoon(int count, int dimension)
    {
        PointCloudGeometry<double> geometry = new(Drawn.Cloud(1, count, dimension), Drawn.Cloud(2, count, dimension), dimension, Cost.Euclidean);
        TransportProblem<double> problem = TransportProblem.On(geometry).WithWeights(Drawn.ExactWeights(3, count), Drawn.ExactWeights(4, count));
        EndsSoon($"one problem of {count} points in {dimension} dimensions", token => Engines.Default.Solve(problem, new Exact(), cancellationToken: token).Dispose());
    }

    [Test]
    public void Solve_CancelledInTheMiddleOfASparseProblem_EndsSoon()
    {
        const int Count = 1500;
        double[] costs = Drawn.Cloud(7, Count * Count, 1);
        int[] starts = [.. Enumerable.Range(0, Count + 1).Select(i => i * Count)];
        int[] columns = [.. Enumerable.Range(0, Count * Count).Select(k => k % Count)];
        TransportProblem<double> problem = TransportProblem
            .On(new SparseGeometry<double>(starts, columns, costs, Count))
            .WithWeights(Drawn.ExactWeights(3, Count), Drawn.ExactWeights(4, Count));
        EndsSoon($"one sparse problem of {Count} x {Count} arcs", token => Engines.Default.Solve(problem, new Exact(), cancellationToken: token).Dispose());
    }

    // Narrow eps takes the sums with shifts of their own, the others the matrix.
    [TestCase(0.5)]
    [TestCase(1e3)]
    public void Solve_CancelledInTheMiddleOfAGrid_EndsSoon(double epsilon)
    {
        const int Length = 512;
        TransportProblem<float> problem = TransportProblem
            .On<float>(new GridGeometry<float>([Length, Length]))
            .WithWeights(ExactInputs.To<float>(Drawn.ExactWeights(5, Length * Length)), ExactInputs.To<float>(Drawn.ExactWeights(6, Length * Length)));
        Sinkhorn solver = new() { Epsilon = epsilon, Tolerance = 0, MaxIterations = 100_000 };
        EndsSoon($"one grid of {Length} x {Length} cells", token => Engines.Default.Solve(problem, solver, cancellationToken: token).Dispose());
    }

    [Test]
    public void SolveBatch_CancelledInTheMiddle_EndsSoon()
    {
        TransportProblem<double>[] problems = [.. Enumerable.Range(0, 40).Select(k => Medium(k, 800))];
        EndsSoon("a batch of 40 problems of 800 points", token => Engines.SevenThreads.SolveBatch(problems, new Exact(), cancellationToken: token));
    }

    [Test]
    public void SolveCosts_CancelledInTheMiddle_EndsSoon()
    {
        const int Bins = 64;
        const int Histograms = 300;
        DenseGeometry<double> geometry = new(Drawn.Costs(1, Bins, Bins, 1000), Bins, Bins);
        double[] histograms = [.. Enumerable.Range(0, Histograms).SelectMany(k => Drawn.ExactWeights(k, Bins))];
        (int First, int Second)[] pairs = [.. from i in Enumerable.Range(0, Histograms) from j in Enumerable.Range(0, Histograms) select (i, j)];
        double[] costs = new double[pairs.Length];
        EndsSoon("90,000 pairs of 64 bins", token => Engines.Default.SolveCosts<double>(geometry, histograms, pairs, new Exact(), costs, cancellationToken: token));
    }

    [Test]
    public void Solve_CancelledAtRandomTimes_LeavesTheEngineUsable()
    {
        Random random = new(17);
        using Engine engine = Engine.Create(o => o.Threads = 3);
        TransportProblem<double>[] problems = [.. Enumerable.Range(0, 6).Select(k => Medium(k, 120 + (17 * k)))];
        TransportResult<double>[] expected = [.. engine.SolveBatch(problems, new Exact())];
        int cancelled = 0;
        for (int k = 0; k < 200; k++)
        {
            using CancellationTokenSource source = new();
            using Timer timer = new(_ => Cancel(source), null, TimeSpan.FromMicroseconds(random.Next(9000)), Timeout.InfiniteTimeSpan);
            try
            {
                IReadOnlyList<TransportResult<double>> results = engine.SolveBatch(problems, new Exact(), cancellationToken: source.Token);
                Assert.That(results, Has.Count.EqualTo(problems.Length).And.None.Null);
            }
            catch (OperationCanceledException exception)
            {
                cancelled++;
                Assert.That(exception.CancellationToken, Is.EqualTo(source.Token));
            }
        }

        IReadOnlyList<TransportResult<double>> after = engine.SolveBatch(problems, new Exact());
        for (int k = 0; k < problems.Length; k++)
            SameBits.Check(after[k], expected[k], $"problem {k} after {cancelled} cancellations");
        TestContext.Out.WriteLine($"{cancelled} of 200 calls were cancelled before they ended");
        Assert.That(cancelled, Is.GreaterThan(0));
    }

    private static void EndsSoon(string what, Action<CancellationToken> call)
    {
        using CancellationTokenSource source = new();
        using ManualResetEventSlim ended = new();
        long requested = 0;

        // A thread of its own: a batch may occupy the pool's threads, on which timers fire.
        Thread canceller = new(() =>
        {
            if (ended.Wait(Head))
                return;
            Volatile.Write(ref requested, Stopwatch.GetTimestamp());
            source.Cancel();
        });
        canceller.Start();
        OperationCanceledException? exception = Assert.Catch<OperationCanceledException>(() => call(source.Token));
        TimeSpan late = Stopwatch.GetElapsedTime(Volatile.Read(ref requested));
        ended.Set();
        canceller.Join();
        TestContext.Out.WriteLine(FormattableString.Invariant($"{what}: cancelled {late.TotalMilliseconds:F1} ms after the request"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exception?.CancellationToken, Is.EqualTo(source.Token));
            Assert.That(late, Is.LessThan(Bound));
        }
    }

    // The call may have ended, and its source with it, before the timer fires.
    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Nothing is left to cancel.
        }
    }

    private static TransportProblem<double> Small(int seed) => Medium(seed, 31);

    private static TransportProblem<double> Medium(int seed, int count) => ExactInputs.Points<double>(
        Drawn.Cloud(seed, count, 2),
        Drawn.Cloud(seed + 1000, count + 3, 2),
        2,
        Cost.Euclidean,
        Drawn.ExactWeights(seed, count),
        Drawn.ExactWeights(seed + 1000, count + 3));
}

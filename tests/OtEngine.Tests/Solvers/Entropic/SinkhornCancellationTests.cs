using System.Diagnostics;
using System.Runtime.Intrinsics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Cancelled solves end within a few sweeps, with the token's exception, and leave the engine as it was.</summary>
internal sealed class SinkhornCancellationTests
{
    // The design asks for a bounded number of sweeps. Sweeps are timed in the same run; a crowded machine may take this much longer for one.
    private const int MostSweepsLate = 20;

    private static readonly TimeSpan Crowded = TimeSpan.FromSeconds(1);

    [Test]
    public void Solve_CancelledAThousandTimesAtRandom_LeavesTheEngineUsable()
    {
        int times = Engines.IsSlow ? 200 : 1000;
        Random random = new(17);
        using Engine engine = Engines.Create(o => o.Threads = 3);
        Sinkhorn solver = new() { EpsilonRelative = 1e-3, Tolerance = 1e-12, MaxIterations = 500, NewtonFinish = false };
        TransportProblem<double>[] problems = [.. Enumerable.Range(0, Vector256.IsHardwareAccelerated ? 6 : 2).Select(k => Medium(k, 40 + (17 * k)))];
        IReadOnlyList<TransportResult<double>> expected = engine.SolveBatch(problems, solver);
        long start = Stopwatch.GetTimestamp();
        engine.SolveBatch(problems, solver);
        double whole = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        int cancelled = 0;
        for (int k = 0; k < times; k++)
        {
            using CancellationTokenSource source = new();
            using Timer timer = new(_ => Cancel(source), null, TimeSpan.FromMicroseconds(random.NextDouble() * Math.Min(whole, 4_000)), Timeout.InfiniteTimeSpan);
            try
            {
                IReadOnlyList<TransportResult<double>> results = engine.SolveBatch(problems, solver, cancellationToken: source.Token);
                Assert.That(results, Has.Count.EqualTo(problems.Length).And.None.Null);
            }
            catch (OperationCanceledException exception)
            {
                cancelled++;
                Assert.That(exception.CancellationToken, Is.EqualTo(source.Token));
            }
        }

        IReadOnlyList<TransportResult<double>> after = engine.SolveBatch(problems, solver);
        for (int k = 0; k < problems.Length; k++)
            Assert.That(EntropicBits.Differ(after[k], expected[k]), Is.Null, $"problem {k} after {cancelled} cancellations");
        TestContext.Out.WriteLine(FormattableString.Invariant($"{cancelled} of {times} calls of {whole:F0} us were cancelled before they ended"));
        Assert.That(cancelled, Is.GreaterThan(times / 10));
    }

    [TestCase(1500, 2)]
    [TestCase(1500, 64)]
    public void Solve_CancelledInTheMiddle_EndsWithinAFewSweeps(int count, int dimension)
    {
        if (!Vector256.IsHardwareAccelerated)
            count /= 4;
        TransportProblem<double> problem = ExactInputs.Points<double>(
            Drawn.Cloud(1, count, dimension), Drawn.Cloud(2, count + 3, dimension), dimension, Cost.SquaredEuclidean, Drawn.ExactWeights(3, count), Drawn.ExactWeights(4, count + 3));
        Sinkhorn endless = new() { EpsilonRelative = 1e-3, Tolerance = 0, MaxIterations = long.MaxValue };
        const int Measured = 2;
        Engines.Default.Solve(problem, endless with { MaxIterations = Measured }).Dispose();
        long start = Stopwatch.GetTimestamp();
        Engines.Default.Solve(problem, endless with { MaxIterations = Measured }).Dispose();
        TimeSpan sweep = Stopwatch.GetElapsedTime(start) / Measured;
        Random random = new(3);
        TimeSpan worst = default;
        for (int k = 0; k < (Vector256.IsHardwareAccelerated ? 10 : 2); k++)
        {
            TimeSpan late = Late(token => Engines.Default.Solve(problem, endless, cancellationToken: token).Dispose(), TimeSpan.FromMilliseconds(random.Next(1, 150)));
            worst = late > worst ? late : worst;
        }

        TestContext.Out.WriteLine(FormattableString.Invariant($"{worst.TotalMilliseconds:F1} ms late at worst; a sweep takes {sweep.TotalMilliseconds:F1} ms"));
        Assert.That(worst, Is.LessThan((MostSweepsLate * sweep) + Crowded));
    }

    [Test]
    public void Solve_CancelledInTheMiddleOfANewtonFinish_EndsSoon()
    {
        // Small eps and tight marginals, so that most of the time goes into Newton steps.
        TransportProblem<double> problem = Medium(1, 700);
        Sinkhorn solver = new() { EpsilonRelative = 2e-4, Tolerance = 1e-12, MaxIterations = 1_000_000 };
        foreach (int head in new[] { 20, 100, 300, 600, 1000 })
        {
            TimeSpan late = Late(token => Engines.Default.Solve(problem, solver, cancellationToken: token).Dispose(), TimeSpan.FromMilliseconds(head));
            TestContext.Out.WriteLine(FormattableString.Invariant($"{late.TotalMilliseconds:F1} ms late after {head} ms"));
            Assert.That(late, Is.LessThan(2 * Crowded));
        }
    }

    [Test]
    public void EveryCall_WithACancelledToken_EndsBeforeWork()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        TransportProblem<double> problem = Medium(1, 31);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Engines.Default.Solve(problem, new Sinkhorn(), cancellationToken: source.Token), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(() => Engines.Default.SolveBatch([problem, problem], new Sinkhorn(), cancellationToken: source.Token), Throws.InstanceOf<OperationCanceledException>());
        }
    }

    /// <summary>How long after its cancellation a call ended; zero if it ended by itself before.</summary>
    private static TimeSpan Late(Action<CancellationToken> call, TimeSpan head)
    {
        using CancellationTokenSource source = new();
        using ManualResetEventSlim ended = new();
        long requested = 0;

        // A thread of its own: the call may occupy the pool's threads, on which timers fire.
        Thread canceller = new(() =>
        {
            if (ended.Wait(head))
                return;
            Volatile.Write(ref requested, Stopwatch.GetTimestamp());
            source.Cancel();
        });
        canceller.Start();
        bool completed = false;
        try
        {
            call(source.Token);
            completed = true;
        }
        catch (OperationCanceledException exception)
        {
            Assert.That(exception.CancellationToken, Is.EqualTo(source.Token));
        }

        long now = Stopwatch.GetTimestamp();
        ended.Set();
        canceller.Join();
        return completed ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Volatile.Read(ref requested), now);
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

    private static TransportProblem<double> Medium(int seed, int count) => ExactInputs.Points<double>(
        Drawn.Cloud(seed, count, 2), Drawn.Cloud(seed + 1000, count + 3, 2), 2, Cost.Euclidean, Drawn.ExactWeights(seed, count), Drawn.ExactWeights(seed + 1000, count + 3));
}

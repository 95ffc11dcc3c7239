using System.Numerics;
using System.Runtime.Intrinsics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>The same bits for 1, 2 and 7 threads, alone and in any batch, on sizes that are split among threads and on small ones.</summary>
[Category("Simd")]
[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
internal sealed class SinkhornThreadsTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // The narrower runs take up to a hundred times as long, and are after another arithmetic, not after many sweeps.
    private static bool IsSlow => Engines.IsSlow || !Vector256.IsHardwareAccelerated;

    private static Engine[] Others => Engines.IsSlow ? [Engines.SevenThreads] : [Engines.TwoThreads, Engines.SevenThreads];

    [TestCase(1, 1)]
    [TestCase(61, 67)]
    [TestCase(500, 383)]
    [TestCase(1201, 997)]
    public void Solve_AnyNumberOfThreads_GivesTheSameBits(int n, int m)
    {
        // A moderate and a small eps: the second takes the schedule, relaxation and the Newton finish along.
        foreach (double relative in IsSlow ? [.05] : new[] { .05, .005 })
        {
            Sinkhorn solver = new() { EpsilonRelative = relative, MaxIterations = n > 600 ? 60 : 400, RecordHistory = true };
            if (IsSlow)
                solver = solver with { MaxIterations = n > 400 ? 2 : 40 };
            foreach (TransportProblem<T> problem in Problems(n, m).Take(IsSlow && n > 400 ? 1 : 3))
            {
                using TransportResult<T> expected = Engines.SingleThreaded.Solve(problem, solver);
                foreach (Engine engine in Others)
                {
                    using TransportResult<T> actual = engine.Solve(problem, solver);
                    Assert.That(EntropicBits.Differ(actual, expected), Is.Null, problem.Geometry.GetType().Name);
                }
            }
        }
    }

    [Test]
    public void SolveBatch_LargeAndSmallTogether_GivesTheBitsOfTheLoop()
    {
        Sinkhorn solver = new() { MaxIterations = IsSlow ? 5 : 100 };
        TransportProblem<T>[] problems = [.. new[] { (3, 5), IsSlow ? (91, 83) : (701, 643), (64, 64), (1, 9), (130, 257) }.SelectMany(s => Problems(s.Item1, s.Item2))];
        TransportResult<T>[] expected = [.. problems.Select(p => Engines.SingleThreaded.Solve(p, solver))];
        foreach (Engine engine in (Engine[])[Engines.SingleThreaded, .. Others])
        {
            IReadOnlyList<TransportResult<T>> actual = engine.SolveBatch(problems, solver);
            for (int k = 0; k < problems.Length; k++)
                Assert.That(EntropicBits.Differ(actual[k], expected[k]), Is.Null, $"problem {k}");
        }
    }

    [Test]
    public void SolveBatch_TwiceOrInAnotherOrder_GivesTheSameBits()
    {
        Sinkhorn solver = new() { EpsilonRelative = .02 };
        TransportProblem<T>[] problems = [.. Enumerable.Range(1, IsSlow ? 8 : 20).SelectMany(k => Problems(k * 3, 64 - k))];
        IReadOnlyList<TransportResult<T>> once = Engines.SevenThreads.SolveBatch(problems, solver);
        IReadOnlyList<TransportResult<T>> turned = Engines.SevenThreads.SolveBatch([.. problems.Reverse()], solver);
        for (int k = 0; k < problems.Length; k++)
            Assert.That(EntropicBits.Differ(turned[problems.Length - 1 - k], once[k]), Is.Null, $"problem {k}");
    }

    [Test]
    public void SolveBatch_SharedGeometry_GivesTheBitsOfGeometriesOfTheirOwn()
    {
        const int Bins = 40;
        double[] cost = Drawn.Uniform(1, Bins * Bins);
        DenseGeometry<T> shared = new(ExactInputs.To<T>(cost), Bins, Bins);
        Sinkhorn solver = new() { EpsilonRelative = .02 };
        (double[] A, double[] B)[] pairs = [.. Enumerable.Range(0, IsSlow ? 10 : 30).Select(k => (Drawn.ExactWeights(k, Bins), Drawn.ExactWeights(k + 50, Bins)))];
        IReadOnlyList<TransportResult<T>> together = Engines.SevenThreads.SolveBatch(
            [.. pairs.Select(p => TransportProblem.On(shared).WithWeights(ExactInputs.To<T>(p.A), ExactInputs.To<T>(p.B)))], solver);
        for (int k = 0; k < pairs.Length; k++)
        {
            using TransportResult<T> alone = Engines.SingleThreaded.Solve(ExactInputs.Dense<T>(cost, pairs[k].A, pairs[k].B), solver);
            Assert.That(EntropicBits.Differ(together[k], alone), Is.Null, $"pair {k}");
        }
    }

    private static IEnumerable<TransportProblem<T>> Problems(int n, int m)
    {
        double[] a = Drawn.ExactWeights(n, n), b = Drawn.ExactWeights(m + 1, m);
        yield return ExactInputs.Dense<T>(Drawn.Uniform(n + m, n * m), a, b);
        yield return ExactInputs.Points<T>(Drawn.Cloud(n, n, 2), Drawn.Cloud(m + 1, m, 2), 2, Cost.SquaredEuclidean, a, b);
        yield return ExactInputs.Points<T>(Drawn.Cloud(n, n, 17), Drawn.Cloud(m + 1, m, 17), 17, Cost.Euclidean, a, b);
    }
}

using System.Numerics;
using NUnit.Framework;
using OtEngine.Cuda.Runtime;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Batches whose exponents do not fit the device at once are swept in waves, with the bits of each problem alone.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class SinkhornSweepWaveTests<T> : HostTests
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Bytes that others hold of the device: a class of the pool.</summary>
    private const long Others = 64 << 20;

    private static readonly (int N, int M)[] Sizes = [(330, 210), (5, 8), (300, 240), (260, 290), (1, 40), (310, 230), (280, 250)];

    /// <summary>Bytes of the exponents of all problems that no block holds.</summary>
    private static unsafe long Exponents => Sizes.Where(size => size.N > 100).Sum(size => (long)size.N * size.M * sizeof(T));

    [Test]
    public void SolveBatch_WithLessMemoryThanExponents_GivesTheBitsOfEachAlone([Values] bool recorded, [Values] bool byCap)
    {
        Sinkhorn solver = new() { EpsilonRelative = .1, MaxIterations = 12, NewtonFinish = false, RecordHistory = recorded };
        TransportProblem<T>[] problems = [.. Sizes.Select(size => Points(size.N, size.M))];
        using Engine roomy = Host.CreateEngine();
        TransportResult<T>[] alone = Array.ConvertAll(problems, problem => roomy.Solve(problem, solver));
        roomy.TrimPool();
        long exponents = Exponents;
        using Engine tight = Host.CreateEngine(cuda => cuda.MemoryCap = byCap ? exponents : long.MaxValue);
        IReadOnlyList<TransportResult<T>> actual;
        if (!byCap)
            Host.Limit("memory", Others + exponents);
        using (CudaRuntime others = Host.Open())
        using (others.Allocate<byte>(byCap ? 1 : Others))
            actual = tight.SolveBatch(problems, solver);
        RequireSameBits(actual, alone);
        DisposeAll(alone);
    }

    /// <summary>The costs of all problems are there at once; their exponents, as many again, are not.</summary>
    [Test]
    public unsafe void SolveBatch_OfStoredCosts_WithLessMemoryThanExponentsBesideThem_GivesTheBitsOfEachAlone()
    {
        Sinkhorn solver = new() { EpsilonRelative = .1, MaxIterations = 12, NewtonFinish = false };
        TransportProblem<T>[] problems = [.. Sizes.Select(size => Dense(size.N, size.M))];
        using Engine roomy = Host.CreateEngine();
        TransportResult<T>[] alone = Array.ConvertAll(problems, problem => roomy.Solve(problem, solver));
        roomy.TrimPool();
        long costs = Sizes.Sum(size => DevicePool.ClassOf((long)size.N * size.M * sizeof(T)));
        using Engine tight = Host.CreateEngine(cuda => cuda.MemoryCap = costs + Exponents);
        RequireSameBits(tight.SolveBatch(problems, solver), alone);
        DisposeAll(alone);
    }

    /// <summary>As where another batch takes memory between the question what is free and the request: each of the two is refused once.</summary>
    [Test]
    public unsafe void SolveBatch_WhoseExponentsAreRefused_IsSweptInSmallerWaves_WithTheSameBits()
    {
        const int OutOfMemory = 2;
        const string Allocation = "cuMemAlloc_v2";
        Sinkhorn solver = new() { Epsilon = .1, MaxIterations = 2, NewtonFinish = false };
        (int N, int M)[] sizes = [.. Sizes.Where(size => size.N > 100).Select(size => (size.N / 2, size.M / 2))];
        TransportProblem<T>[] problems = [.. sizes.Select(size => Dense(size.N, size.M))];

        // Exponents fit in three fifths of what is free beside the costs, but not in half of that.
        long costs = sizes.Sum(size => DevicePool.ClassOf((long)size.N * size.M * sizeof(T)));
        long exponents = sizes.Sum(size => (long)size.N * size.M * sizeof(T));
        using Engine engine = Host.CreateEngine(cuda => (cuda.SolvesInBlocks, cuda.PoolsMemory, cuda.MemoryCap) = (false, false, costs + (exponents * 13 / 5)));
        TransportResult<T>[] expected = Solve(out _, out long all);
        Assert.That(all, Is.EqualTo(1));
        DisposeAll(Solve(out long count, out _));
        int answered = 0;
        for (long k = 1; k <= count; k++)
        {
            Host.FailCall(Allocation, k, OutOfMemory);
            try
            {
                TransportResult<T>[] actual = Solve(out _, out long waves);
                answered++;
                Assert.That(waves, Is.GreaterThan(1), $"allocation {k} of {count}");
                RequireSameBits(actual, expected);
            }
            catch (CudaOutOfMemoryException)
            {
                // Any other allocation.
            }
        }

        Host.FailCall(null, 0, 0);
        DisposeAll(expected);
        Assert.That(answered, Is.EqualTo(2));

        TransportResult<T>[] Solve(out long allocations, out long waves)
        {
            long allocated = Host.CallsOf(Allocation), begun = Host.Launched("ot_sinkhorn_sweep_begin");
            TransportResult<T>[] results = [.. engine.SolveBatch(problems, solver)];
            allocations = Host.CallsOf(Allocation) - allocated;
            waves = Host.Launched("ot_sinkhorn_sweep_begin") - begun;
            return results;
        }
    }

    private static void RequireSameBits(IReadOnlyList<TransportResult<T>> actual, TransportResult<T>[] expected)
    {
        for (int k = 0; k < expected.Length; k++)
        {
            Assert.That(EntropicBits.Differ(actual[k], expected[k]), Is.Null, $"problem {k}");
            actual[k].Dispose();
        }
    }

    private static void DisposeAll(TransportResult<T>[] results) => Array.ForEach(results, result => result.Dispose());

    private static TransportProblem<T> Dense(int n, int m) =>
        ExactInputs.Dense<T>(Drawn.Uniform(n, n * m), Drawn.ExactWeights(n, n), Drawn.ExactWeights(m + 1, m));

    private static TransportProblem<T> Points(int n, int m) =>
        ExactInputs.Points<T>(Drawn.Cloud(n, n, 3), Drawn.Cloud(m + 1, m, 3), 3, Cost.Euclidean, Drawn.ExactWeights(n, n), Drawn.ExactWeights(m + 1, m));
}

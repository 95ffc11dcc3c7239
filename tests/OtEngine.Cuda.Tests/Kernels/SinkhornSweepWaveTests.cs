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
    }

    private static void RequireSameBits(IReadOnlyList<TransportResult<T>> actual, TransportResult<T>[] expected)
    {
        for (int k = 0; k < expected.Length; k++)
        {
            Assert.That(EntropicBits.Differ(actual[k], expected[k]), Is.Null, $"problem {k}");
            actual[k].Dispose();
            expected[k].Dispose();
        }
    }

    private static TransportProblem<T> Dense(int n, int m) =>
        ExactInputs.Dense<T>(Drawn.Uniform(n, n * m), Drawn.ExactWeights(n, n), Drawn.ExactWeights(m + 1, m));

    private static TransportProblem<T> Points(int n, int m) =>
        ExactInputs.Points<T>(Drawn.Cloud(n, n, 3), Drawn.Cloud(m + 1, m, 3), 3, Cost.Euclidean, Drawn.ExactWeights(n, n), Drawn.ExactWeights(m + 1, m));
}

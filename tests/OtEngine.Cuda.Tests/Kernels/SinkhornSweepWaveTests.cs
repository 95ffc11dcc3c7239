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

    [Test]
    public unsafe void SolveBatch_WithLessMemoryThanExponents_GivesTheBitsOfEachAlone([Values] bool recorded, [Values] bool byCap)
    {
        Sinkhorn solver = new() { EpsilonRelative = .1, MaxIterations = 12, NewtonFinish = false, RecordHistory = recorded };
        TransportProblem<T>[] problems = [.. Sizes.Select(size => Points(size.N, size.M))];
        using Engine roomy = Host.CreateEngine();
        TransportResult<T>[] alone = Array.ConvertAll(problems, problem => roomy.Solve(problem, solver));
        roomy.TrimPool();
        long exponents = Sizes.Where(size => size.N > 100).Sum(size => (long)size.N * size.M * sizeof(T));
        using Engine tight = Host.CreateEngine(cuda => cuda.MemoryCap = byCap ? exponents : long.MaxValue);
        IReadOnlyList<TransportResult<T>> actual;
        if (!byCap)
            Host.Limit("memory", Others + exponents);
        using (CudaRuntime others = Host.Open())
        using (others.Allocate<byte>(byCap ? 1 : Others))
            actual = tight.SolveBatch(problems, solver);
        for (int k = 0; k < problems.Length; k++)
        {
            Assert.That(EntropicBits.Differ(actual[k], alone[k]), Is.Null, $"problem {k}");
            actual[k].Dispose();
            alone[k].Dispose();
        }
    }

    private static TransportProblem<T> Points(int n, int m) =>
        ExactInputs.Points<T>(Drawn.Cloud(n, n, 3), Drawn.Cloud(m + 1, m, 3), 3, Cost.Euclidean, Drawn.ExactWeights(n, n), Drawn.ExactWeights(m + 1, m));
}

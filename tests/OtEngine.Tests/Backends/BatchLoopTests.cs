using NUnit.Framework;
using OtEngine.Backends;

namespace OtEngine.Tests;

internal sealed class BatchLoopTests
{
    [Test]
    public void Run_SolvesEveryRowOnce([Values(1, 2, 7)] int threads, [Values(0, 1, 2, 6, 7, 8, 1009)] int count)
    {
        int[] solved = new int[count];
        int workers = 0;
        BatchLoop.Run(count, With(threads), () => $"worker {Interlocked.Increment(ref workers)}", (_, row) => Interlocked.Increment(ref solved[row]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(solved, Is.All.EqualTo(1));
            Assert.That(workers, Is.LessThanOrEqualTo(Math.Min(threads, count)));
        }
    }

    [Test]
    public void Run_WhereRowsFail_ThrowsTheErrorOfTheLowestAsItWas([Values(1, 2, 7)] int threads)
    {
        Random random = new(5);
        for (int repeat = 0; repeat < 50; repeat++)
        {
            int count = random.Next(1, 60);
            bool[] fails = [.. Enumerable.Range(0, count).Select(_ => random.Next(4) == 0)];
            fails[random.Next(count)] = true;
            int[] work = [.. fails.Select(_ => random.Next(2000))];
            ProblemException? error = Assert.Throws<ProblemException>(() => BatchLoop.Run(
                count,
                With(threads),
                () => new object(),
                (_, row) =>
                {
                    Thread.SpinWait(work[row]);
                    if (fails[row])
                        throw new ProblemException(ProblemError.Infeasible, $"row {row}");
                }));
            Assert.That(error?.Message, Is.EqualTo($"row {Array.IndexOf(fails, true)}"));
        }
    }

    [Test]
    public void Run_WhereAWorkerCannotBeMade_ThrowsThat([Values(1, 7)] int threads) => Assert.That(
        () => BatchLoop.Run<object>(9, With(threads), () => throw new InvalidOperationException(), (_, _) => { }),
        Throws.TypeOf<InvalidOperationException>());

    private static Execution With(int threads) => new(new OtEngine.Cpu.CpuBackend(), threads, 0, progress: null, CancellationToken.None);
}

using NUnit.Framework;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Faults;

/// <summary>Solves that are cancelled anywhere: an answer or an <see cref="OperationCanceledException"/>, nothing leaks, the next solve is right.</summary>
internal sealed class CancellationTests : HostTests
{
    private const int Rounds = 1000;

    [Test]
    public void AThousandRandomCancellations_EndInAnswersOrExceptions_AndLeaveNothing()
    {
        using Engine blocks = Host.CreateEngine();
        using Engine sweeps = Host.CreateEngine(options => options.SolvesInBlocks = false);
        (Engine Engine, SmallSolve Solve)[] cases = [.. Enum.GetValues<SmallSolve>().SelectMany(solve => new[] { (blocks, solve), (sweeps, solve) })];
        double[][] expected = Array.ConvertAll(cases, each => SmallProblem.Bits(each.Engine, each.Solve));
        long[] calls = Array.ConvertAll(cases, each =>
        {
            long before = Host.Calls;
            _ = SmallProblem.Bits(each.Engine, each.Solve);
            return Host.Calls - before;
        });
        Random random = new(1);
        int cancelled = 0;
        for (int round = 0; round < Rounds; round++)
        {
            int k = random.Next(cases.Length);

            // A fifth of the time later than the solve takes.
            long after = Host.Calls + random.NextInt64(calls[k] * 5 / 4);
            using CancellationTokenSource source = new();
            using CancellationAt canceller = new(source, () => Host.Calls >= after);
            try
            {
                Assert.That(SmallProblem.Bits(cases[k].Engine, cases[k].Solve, source.Token), Is.EqualTo(expected[k]), $"round {round}, {cases[k].Solve}");
            }
            catch (OperationCanceledException)
            {
                cancelled++;
                blocks.TrimPool();
                sweeps.TrimPool();
                Assert.That(Host.Live(HostObject.MemoryBytes), Is.Zero, $"memory left behind in round {round}, {cases[k].Solve}");
            }
        }

        Assert.That(cancelled, Is.InRange(Rounds / 10, Rounds * 9 / 10), "solves that were cancelled");
        Assert.That(Array.ConvertAll(cases, each => SmallProblem.Bits(each.Engine, each.Solve)), Is.EqualTo(expected));
    }

    /// <summary>Cancels from another thread as soon as something holds, unless it is disposed before.</summary>
    private sealed class CancellationAt : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _ended;

        public CancellationAt(CancellationTokenSource source, Func<bool> holds)
        {
            _thread = new Thread(() =>
            {
                while (!_ended && !holds())
                    Thread.Yield();
                if (!_ended)
                    source.Cancel();
            });
            _thread.Start();
        }

        public void Dispose()
        {
            _ended = true;
            _thread.Join();
        }
    }
}

using NUnit.Framework;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Faults;

/// <summary>Solves that are cancelled anywhere: an answer or an <see cref="OperationCanceledException"/>, nothing leaks, the next solve is right.</summary>
internal sealed class CancellationTests : HostTests
{
    private const int Rounds = 1000;

    [TestCase(true)]
    [TestCase(false)]
    public void AThousandRandomCancellations_EndInAnswersOrExceptions_AndLeaveNothing(bool inBlocks)
    {
        using Engine engine = Host.CreateEngine(options => options.SolvesInBlocks = inBlocks);
        SmallSolve[] solves = Enum.GetValues<SmallSolve>();
        double[][] expected = Array.ConvertAll(solves, solve => SmallProblem.Bits(engine, solve));
        long[] calls = Array.ConvertAll(solves, solve =>
        {
            long before = Host.Calls;
            _ = SmallProblem.Bits(engine, solve);
            return Host.Calls - before;
        });
        Random random = new(1);
        int cancelled = 0;
        for (int round = 0; round < Rounds; round++)
        {
            int k = random.Next(solves.Length);

            // A fifth of the time later than the solve takes.
            long after = Host.Calls + random.NextInt64(calls[k] * 5 / 4);
            using CancellationTokenSource source = new();
            using CancellationAt canceller = new(source, () => Host.Calls >= after);
            try
            {
                Assert.That(SmallProblem.Bits(engine, solves[k], source.Token), Is.EqualTo(expected[k]), $"round {round}, {solves[k]}");
            }
            catch (OperationCanceledException)
            {
                cancelled++;
                engine.TrimPool();
                Assert.That(Host.Live(HostObject.MemoryBytes), Is.Zero, $"memory left behind in round {round}, {solves[k]}");
            }
        }

        Assert.That(cancelled, Is.InRange(Rounds / 10, Rounds * 9 / 10), "solves that were cancelled");
        Assert.That(Array.ConvertAll(solves, solve => SmallProblem.Bits(engine, solve)), Is.EqualTo(expected));
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

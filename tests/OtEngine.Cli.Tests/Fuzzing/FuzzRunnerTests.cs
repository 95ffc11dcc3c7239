using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Tests.Fuzzing;

/// <summary>A fuzzer that cannot fail proves nothing: readers with known faults must be found out.</summary>
[TestFixture]
internal sealed class FuzzRunnerTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan InputLimit = TimeSpan.FromSeconds(5);

    [Test]
    public void Run_ReaderThatIndexesByAClaim_IsFound()
    {
        FuzzReport report = Run(file => _ = file[file[^1]]);

        Assert.That(report.Finding, Is.EqualTo(FuzzFinding.Exception));
        Assert.That(report.Detail, Does.Contain(nameof(IndexOutOfRangeException)));
        Assert.That(report.File, Is.Not.Empty);
    }

    [Test]
    public void Run_ReaderThatAllocatesAClaim_IsFound()
    {
        FuzzReport report = Run(file => GC.KeepAlive(new byte[BitConverter.ToUInt16(file) * 1024]));

        Assert.That(report.Finding, Is.EqualTo(FuzzFinding.Memory));
    }

    [Test]
    public void Run_ReaderThatHangs_IsFound()
    {
        using var release = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        FuzzReport report = Run(
            file =>
            {
                if (file.AsSpan().IndexOf((byte)0xFF) < 0)
                    return;
                release.Wait();
                released.Set();
            },
            TimeSpan.FromMilliseconds(200));
        release.Set();
        released.Wait();

        Assert.That(report.Finding, Is.EqualTo(FuzzFinding.Hang));
        Assert.That(report.File, Does.Contain((byte)0xFF));
    }

    [Test]
    public void Run_ReaderThatRefusesSoundInput_IsFound()
    {
        FuzzReport report = Run(_ => throw new InputFileException("x.bin", "is never right"));

        Assert.That((report.Finding, report.Index), Is.EqualTo((FuzzFinding.Exception, 0)));
    }

    [Test]
    public void Run_ReaderWithABlankMessage_IsFound()
    {
        FuzzReport report = Run(file =>
        {
            if (file.Length != 4)
                throw new InputFileException("", "");
        });

        Assert.That(report.Finding, Is.EqualTo(FuzzFinding.Exception));
        Assert.That(report.Detail, Does.StartWith("the message is not one clear line"));
    }

    [Test]
    public void Create_SameSeedAndIndex_GivesTheSameInput()
    {
        byte[][] first = Inputs(5);
        byte[][] again = Inputs(5);
        byte[][] other = Inputs(6);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));

        static byte[][] Inputs(int seed)
        {
            var mutator = new Mutator(FuzzSeeds.CsvFiles(), ["word"], seed);
            return [.. Enumerable.Range(0, 200).Select(mutator.Create)];
        }
    }

    private static FuzzReport Run(Action<byte[]> read, TimeSpan? inputLimit = null)
    {
        var target = new FuzzTarget("broken", [[1, 2, 3, 0]], ["word"], read, length => (1 << 20) + length);
        return FuzzRunner.Run(target, seed: 1, Duration, inputLimit ?? InputLimit);
    }
}

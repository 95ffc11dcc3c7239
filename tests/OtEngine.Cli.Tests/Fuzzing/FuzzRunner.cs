using System.Diagnostics;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Tests.Fuzzing;

/// <summary>
/// Feeds damaged files to a reader on a thread of its own, while this thread watches the clock: a reader that hangs is reported,
/// though its thread cannot be stopped.
/// </summary>
internal sealed class FuzzRunner
{
    private readonly FuzzTarget _target;
    private readonly Mutator _mutator;
    private readonly TimeSpan _duration;
    private readonly Lock _gate = new();
    private long _inputStarted;
    private byte[] _file = [];
    private int _index;
    private int _accepted;
    private double _largestShare;

    private FuzzRunner(FuzzTarget target, int seed, TimeSpan duration)
    {
        _target = target;
        _mutator = new Mutator(target.Seeds, target.Words, seed);
        _duration = duration;
    }

    /// <summary>Runs until the time is over or something is found.</summary>
    /// <param name="target">The reader.</param>
    /// <param name="seed">What the inputs depend on.</param>
    /// <param name="duration">How long to go on; the sound inputs are tried in any case.</param>
    /// <param name="inputLimit">How long one input may take.</param>
    public static FuzzReport Run(FuzzTarget target, int seed, TimeSpan duration, TimeSpan inputLimit)
    {
        var runner = new FuzzRunner(target, seed, duration);
        FuzzReport? report = null;
        using var done = new ManualResetEventSlim();
        runner.Start(0, []);
        var thread = new Thread(() =>
        {
            FuzzReport result = runner.Loop();
            Volatile.Write(ref report, result);
            SetQuietly(done);
        })
        {
            IsBackground = true,
            Name = $"fuzz {target.Name}",
        };
        thread.Start();

        while (!done.Wait(TimeSpan.FromMilliseconds(20)))
        {
            if (runner.ReportIfOverdue(inputLimit) is { } overdue)
                return overdue;
        }

        return Volatile.Read(ref report)!;
    }

    private FuzzReport Loop()
    {
        long start = Stopwatch.GetTimestamp();
        for (int index = 0; index < _target.Seeds.Count || Stopwatch.GetElapsedTime(start) < _duration; index++)
        {
            byte[] input = _mutator.Create(index);
            byte[] file = _target.Wrap is null ? input : _target.Wrap(input);
            Start(index, file);
            if (Try(index, file) is { } failure)
                return failure;
        }

        return Report(FuzzFinding.None, [], "");
    }

    private FuzzReport? Try(int index, byte[] file)
    {
        string problem = "";
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _target.Read(file);
            _accepted++;
        }
        catch (InputFileException e)
        {
            if (index < _target.Seeds.Count)
                problem = $"a sound input was refused: {e.Message}";
            else if (e.Message.Length < 10 || e.Message.Any(char.IsControl))
                problem = $"the message is not one clear line: {e.Message}";
        }
        catch (Exception e)
        {
            problem = e.ToString();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long allowed = _target.AllowedBytes(file.Length);
        _largestShare = Math.Max(_largestShare, (double)allocated / allowed);
        if (problem.Length > 0)
            return Report(FuzzFinding.Exception, file, problem);

        return allocated <= allowed ? null : Report(FuzzFinding.Memory, file, $"{allocated} bytes allocated, {allowed} allowed");
    }

    private void Start(int index, byte[] file)
    {
        lock (_gate)
        {
            _index = index;
            _file = file;
            _inputStarted = Stopwatch.GetTimestamp();
        }
    }

    private FuzzReport? ReportIfOverdue(TimeSpan limit)
    {
        lock (_gate)
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(_inputStarted);
            return elapsed <= limit ? null : Report(FuzzFinding.Hang, _file, $"no answer after {elapsed.TotalSeconds:0.0} s");
        }
    }

    private FuzzReport Report(FuzzFinding finding, byte[] file, string detail) =>
        new(finding, _index + 1, _accepted, _largestShare, _index, file, detail);

    // A run given up as hanging has disposed of the event by the time its thread gets here.
    private static void SetQuietly(ManualResetEventSlim done)
    {
        try
        {
            done.Set();
        }
        catch (ObjectDisposedException)
        {
        }
    }
}

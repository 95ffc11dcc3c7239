using System.Diagnostics;

namespace OtEngine.Cli.Bench;

/// <summary>Times rows one after the other.</summary>
/// <param name="limits">The machine's limits.</param>
/// <param name="seconds">Time for one row, its warm-up included; a row takes longer only where three samples do.</param>
internal sealed class BenchRunner(CoreLimits limits, double seconds)
{
    private const double WarmShare = 0.3;
    private const int FewestSamples = 3;
    private const int MostSamples = 2000;

    /// <summary>Times one row.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public BenchTiming Time(BenchRow row, CancellationToken cancellation)
    {
        BenchTask task = row.Open();
        long start = Stopwatch.GetTimestamp();
        Sample(task, cancellation);
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < WarmShare * seconds)
            Sample(task, cancellation);
        List<double> samples = [];
        while (samples.Count < FewestSamples || (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds && samples.Count < MostSamples))
            samples.Add(Sample(task, cancellation));
        samples.Sort();
        double median = (samples[(samples.Count - 1) / 2] + samples[samples.Count / 2]) / 2;
        (double least, string limit) = limits.Least(task.Work, row.Dtype == "float32");
        return new BenchTiming(row, median, samples.Count, task.Work, least / median, limit);
    }

    private static double Sample(BenchTask task, CancellationToken cancellation)
    {
        double off = task.UnitsOff > 0 ? Call(task, task.UnitsOff, cancellation) : 0;
        return (Call(task, task.Units + task.UnitsOff, cancellation) - off) / task.Units;
    }

    private static double Call(BenchTask task, int units, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        task.Solve(units, cancellation);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

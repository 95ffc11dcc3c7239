using System.Diagnostics;

namespace OtEngine.Cli.Bench;

/// <summary>Times rows one after the other.</summary>
/// <param name="limits">The machine's limits.</param>
/// <param name="seconds">Time for one row, its warm-up included; a row takes longer only where three samples do.</param>
internal sealed class BenchRunner(BenchLimits limits, double seconds)
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
        List<double> whole = [], off = [];
        while (whole.Count < FewestSamples || (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds && whole.Count < MostSamples))
        {
            (double call, double callOff) = Sample(task, cancellation);
            whole.Add(call);
            off.Add(callOff);
        }

        // Where other work disturbs so much that fewer units take longer, there is no time to tell.
        double unit = (Median(whole) - Median(off)) / task.Units;
        double time = unit > 0 ? unit : double.NaN;
        (double least, string limit) = limits.Least(task.Work, row.Dtype == "float32");
        return new BenchTiming(row, time, whole.Count, task.Work, least / time, limit);
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;
    }

    private static (double Whole, double Off) Sample(BenchTask task, CancellationToken cancellation)
    {
        double off = task.UnitsOff > 0 ? Call(task, task.UnitsOff, cancellation) : 0;
        return (Call(task, task.Units + task.UnitsOff, cancellation), off);
    }

    private static double Call(BenchTask task, int units, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        task.Solve(units, cancellation);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

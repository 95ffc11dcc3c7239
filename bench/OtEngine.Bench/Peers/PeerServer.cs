using System.Diagnostics;
using System.Globalization;

namespace OtEngine.Bench.Peers;

/// <summary>
/// Says "ready" when one row is loaded and warm, then answers each line of input, a number of solves, with "seconds value checksum p99
/// bytes": the median, what it gave, the 99th percentile, and the bytes allocated a solve.
/// </summary>
internal static class PeerServer
{
    private static readonly TimeSpan WarmTime = TimeSpan.FromSeconds(1);

    public static void Run(string folder, TextReader input, TextWriter output)
    {
        using var row = new PeerRow(folder);
        long start = Stopwatch.GetTimestamp();
        do
        {
            row.Work.Solve();
        }
        while (Stopwatch.GetElapsedTime(start) < WarmTime);

        output.WriteLine("ready");
        output.Flush();
        while (input.ReadLine() is { } line)
        {
            double[] seconds = new double[int.Parse(line, CultureInfo.InvariantCulture)];
            (double Value, long Checksum) answer = default;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            for (int k = 0; k < seconds.Length; k++)
                answer = Time(row.Work, out seconds[k]);
            allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / seconds.Length;
            Array.Sort(seconds);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{seconds[seconds.Length / 2]:R} {answer.Value:R} {answer.Checksum} {seconds[99 * seconds.Length / 100]:R} {allocated}"));
            output.Flush();
        }
    }

    private static (double Value, long Checksum) Time(in PeerWork work, out double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        work.SolveOff?.Invoke();
        double off = work.SolveOff is null ? 0 : Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        (double, long) answer = work.Solve();
        seconds = (Stopwatch.GetElapsedTime(start).TotalSeconds - off) / work.Units;
        return answer;
    }
}

using System.Diagnostics;
using System.Globalization;

namespace OtEngine.Bench.Peers;

/// <summary>Says "ready" when one row is loaded and warm, then answers each line of input with "seconds value checksum".</summary>
internal static class PeerServer
{
    private static readonly TimeSpan WarmTime = TimeSpan.FromSeconds(1);

    public static void Run(string folder, TextReader input, TextWriter output)
    {
        using var row = new PeerRow(folder);
        long start = Stopwatch.GetTimestamp();
        do
        {
            row.Solve();
        }
        while (Stopwatch.GetElapsedTime(start) < WarmTime);

        output.WriteLine("ready");
        output.Flush();
        while (input.ReadLine() is not null)
        {
            start = Stopwatch.GetTimestamp();
            (double value, long checksum) = row.Solve();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:R} {value:R} {checksum}"));
            output.Flush();
        }
    }
}

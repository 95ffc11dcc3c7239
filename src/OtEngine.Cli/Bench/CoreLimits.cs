using System.Collections.Concurrent;
using OtEngine.Cpu;

namespace OtEngine.Cli.Bench;

/// <summary>The limits of this core, each measured when it is first asked for, in the same run as what is compared with it.</summary>
internal sealed class CoreLimits : BenchLimits
{
    private const long BeyondCaches = 256L << 20;
    private readonly ConcurrentDictionary<long, double> _read = [];
    private double _copied;
    private (double Single, double Double) _exponentials;
    private (double Single, double Double) _multiplyAdds;

    /// <inheritdoc/>
    public override string Owner => "limit of this core";

    /// <inheritdoc/>
    public override void Measure(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _copied = MachineLimits.CopiedBytes(BeyondCaches);
        _read[BeyondCaches] = MachineLimits.ReadBytes(BeyondCaches);
        cancellation.ThrowIfCancellationRequested();
        _exponentials = (MachineLimits.Exponentials<float>(), MachineLimits.Exponentials<double>());
        _multiplyAdds = (MachineLimits.MultiplyAdds<float>(), MachineLimits.MultiplyAdds<double>());
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, double Rate, string Unit)> All()
    {
        yield return ($"copy of {Size(BeyondCaches)}", _copied, "B/s");
        foreach ((long block, double rate) in _read.OrderBy(pair => pair.Key))
            yield return ($"read of {Size(block)}", rate, "B/s");
        yield return ("exp2, float32", _exponentials.Single, "exp/s");
        yield return ("exp2, float64", _exponentials.Double, "exp/s");
        yield return ("multiply-add, float32", _multiplyAdds.Single, "FMA/s");
        yield return ("multiply-add, float64", _multiplyAdds.Double, "FMA/s");
    }

    /// <summary>
    /// The least seconds for some work: reading and arithmetic may go on at once, exponentials and multiply-adds need the same units.
    /// </summary>
    public override (double Seconds, string Limit) Least(in BenchWork work, bool isFloat32)
    {
        double reading = work.Bytes > 0 ? work.Bytes / Reading(work.Block > 0 ? work.Block : (long)work.Bytes) : 0;
        bool single = isFloat32 && !work.InDouble;
        double exponentials = work.Exponentials / (single ? _exponentials.Single : _exponentials.Double);
        double multiplyAdds = work.MultiplyAdds / (single ? _multiplyAdds.Single : _multiplyAdds.Double);
        double arithmetic = exponentials + multiplyAdds;
        return reading > arithmetic ? (reading, "reading")
            : arithmetic > 0 ? (arithmetic, exponentials > multiplyAdds ? "exp2" : "multiply-add")
            : (double.NaN, "-");
    }

    private static string Size(long bytes) => bytes >= 1 << 20 ? $"{(bytes + (1 << 19)) >> 20} MiB" : $"{(bytes + (1 << 9)) >> 10} KiB";

    private double Reading(long block)
    {
        block = Math.Min(block, BeyondCaches);
        if (!_read.TryGetValue(block, out double rate))
            _read[block] = rate = MachineLimits.ReadBytes(block);
        return rate;
    }
}

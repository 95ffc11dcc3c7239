using System.Numerics;

namespace OtEngine.Tests;

/// <summary>Two entropic answers that must not differ by a bit.</summary>
internal static class EntropicBits
{
    /// <summary>What differs, or null; a NaN equals itself. Without <paramref name="history"/> one of them may be recorded and the other not.</summary>
    public static string? Differ<T>(TransportResult<T> actual, TransportResult<T> expected, bool history = true)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (actual.Status != expected.Status || actual.Advice != expected.Advice)
            return $"status {actual.Status} ({actual.Advice}), not {expected.Status} ({expected.Advice})";
        if (!Numbers(actual).SequenceEqual(Numbers(expected)))
            return $"numbers {string.Join(' ', Numbers(actual))}, not {string.Join(' ', Numbers(expected))}";
        if (history && !actual.History.SequenceEqual(expected.History))
            return "history";
        if (!Bits(actual.Potentials.F).SequenceEqual(Bits(expected.Potentials.F)))
            return "potential f";
        if (!Bits(actual.Potentials.G).SequenceEqual(Bits(expected.Potentials.G)))
            return "potential g";
        return EntropicEvidence.Materialized(actual).SequenceEqual(EntropicEvidence.Materialized(expected)) ? null : "plan";
    }

    private static double[] Numbers<T>(TransportResult<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> =>
    [
        result.Epsilon, result.TransportCost, result.RegularizedCost, result.DualCost, result.LowerBound, result.UpperBound, result.Distance, result.Mass,
        result.MarginalErrorA, result.MarginalErrorB, result.Iterations, result.Certificate.LargestViolation, result.Certificate.RelativeGap,
    ];

    private static IEnumerable<long> Bits(ReadOnlyMemory<double> values) => values.ToArray().Select(BitConverter.DoubleToInt64Bits);
}

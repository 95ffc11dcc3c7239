using System.Numerics;
using NUnit.Framework;

namespace OtEngine.Tests;

/// <summary>Two answers that must not differ by a bit.</summary>
internal static class SameBits
{
    public static void Check<T>(TransportResult<T> actual, TransportResult<T> expected, string name)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Assert.That(Differ(actual, expected), Is.Null, name);

    /// <summary>What differs, or null.</summary>
    public static string? Differ<T>(TransportResult<T> actual, TransportResult<T> expected)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (actual.Status != expected.Status)
            return $"status {actual.Status}, not {expected.Status}";
        if (!Numbers(actual).SequenceEqual(Numbers(expected)))
            return $"numbers {string.Join(' ', Numbers(actual))}, not {string.Join(' ', Numbers(expected))}";
        if (!actual.Plan.ToSparse().SequenceEqual(expected.Plan.ToSparse()))
            return "plan";
        if (!actual.Potentials.F.Span.SequenceEqual(expected.Potentials.F.Span))
            return "potential f";
        return actual.Potentials.G.Span.SequenceEqual(expected.Potentials.G.Span) ? null : "potential g";
    }

    private static double[] Numbers<T>(TransportResult<T> result)
        where T : unmanaged, IFloatingPointIeee754<T> =>
    [
        result.TransportCost, result.RegularizedCost, result.DualCost, result.LowerBound, result.UpperBound, result.Distance, result.Mass,
        result.MarginalErrorA, result.MarginalErrorB, result.Iterations, result.Certificate.LargestViolation, result.Certificate.RelativeGap,
    ];
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OtEngine;

/// <summary>Every refusal of the engine: the value, the allowed range, and what to do.</summary>
internal static class Throw
{
    [DoesNotReturn]
    public static void Problem(ProblemError error, string message) => throw new ProblemException(error, message);

    [DoesNotReturn]
    public static void Empty(string what) =>
        Problem(ProblemError.Empty, $"{what} is empty; at least one atom is needed on each side.");

    [DoesNotReturn]
    public static void ShapeMismatch(string what, long actual, long expected, string because) =>
        Problem(ProblemError.ShapeMismatch, Text($"{what} has {actual} elements; {expected} are needed, {because}."));

    [DoesNotReturn]
    public static void NotFinite(string what, long index, double value) =>
        Problem(ProblemError.NotFinite, Text($"{what}[{index}] is {value}; every value must be finite."));

    [DoesNotReturn]
    public static void NegativeWeight(string what, long index, double value) =>
        Problem(ProblemError.NegativeWeight, Text($"{what}[{index}] is {value:R}; weights must be at least zero."));

    [DoesNotReturn]
    public static void ZeroMass(string what) =>
        Problem(ProblemError.ZeroMass, $"{what} has only zero weights; at least one weight must be positive.");

    [DoesNotReturn]
    public static void UnequalTotals(double a, double b, double relative) =>
        Problem(ProblemError.UnequalTotals, Text(
            $"The totals differ: a sums to {a:R} and b to {b:R}; a balanced problem needs equal totals within a relative {relative:R}. Rescale one side."));

    [DoesNotReturn]
    public static void TooLarge(string what, string size, string advice) =>
        Problem(ProblemError.TooLarge, $"{what} would hold {size} elements, more than {Array.MaxLength.ToString(CultureInfo.InvariantCulture)}; {advice}.");

    [DoesNotReturn]
    public static void Overlap(string first, string second) =>
        Problem(ProblemError.Overlap, $"{first} overlaps {second}; give them separate memory.");

    [DoesNotReturn]
    public static void OutOfRange(string what, double value, string allowed) =>
        Problem(ProblemError.OutOfRange, Text($"{what} is {value:R}; allowed is {allowed}."));

    [DoesNotReturn]
    public static void Unsupported(string message) => Problem(ProblemError.Unsupported, message);

    private static string Text(FormattableString message) => FormattableString.Invariant(message);
}

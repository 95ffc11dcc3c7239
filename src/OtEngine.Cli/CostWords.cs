using System.CommandLine;
using System.Globalization;

namespace OtEngine.Cli;

/// <summary>The ground costs of <c>--cost</c>.</summary>
internal static class CostWords
{
    private const string Needed = "sqeuclidean, euclidean, cityblock, chebyshev, cosine, pnorm:P or pnorm:P:Q (its Q-th power) is needed";

    /// <summary>The option; null where it is not given.</summary>
    /// <param name="between">What the cost is between, and the default.</param>
    public static Option<Cost?> Option(string between) => OptionKinds.Word<Cost?>(
        "--cost", $"Ground cost {between} One of sqeuclidean, euclidean, cityblock, chebyshev, cosine, pnorm:P, pnorm:P:Q (its Q-th power).", "cost", null, text => Read(text));

    /// <summary>The cost a word stands for, or a message that says which words there are.</summary>
    public static (Cost? Value, string? Error) Read(string text) => text switch
    {
        "sqeuclidean" => (Cost.SquaredEuclidean, null),
        "euclidean" => (Cost.Euclidean, null),
        "cityblock" => (Cost.Manhattan, null),
        "chebyshev" => (Cost.Chebyshev, null),
        "cosine" => (Cost.Cosine, null),
        _ => ReadNorm(text.Split(':')),
    };

    private static (Cost? Value, string? Error) ReadNorm(string[] parts)
    {
        double exponent = 1;
        if (parts is not ["pnorm", _] and not ["pnorm", _, _])
            return (null, Needed);
        if (!TryNumber(parts[1], out double norm) || (parts.Length == 3 && !TryNumber(parts[2], out exponent)))
            return (null, Needed);
        return norm >= 1 && exponent > 0 && double.IsFinite(exponent)
            ? (Cost.PNorm(norm, exponent), null)
            : (null, "pnorm:P:Q needs P at least 1 (or inf) and Q above 0");
    }

    private static bool TryNumber(string text, out double value)
    {
        if (text != "inf")
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
        value = double.PositiveInfinity;
        return true;
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace OtEngine.Cli;

/// <summary>Options whose values are checked while the command line is parsed, with messages that say what is allowed.</summary>
internal static class OptionKinds
{
    /// <summary>A file to read or to write; null where it is not given.</summary>
    public static Option<string?> File(string name, string description) =>
        new(name) { Description = description, HelpName = "file" };

    /// <summary>A whole number within bounds; null where it is not given.</summary>
    public static Option<long?> Integer(string name, string description, long minimum, long maximum) => new(name)
    {
        Description = description,
        HelpName = "n",
        CustomParser = argument => Parse<long>(argument, name, v => v >= minimum && v <= maximum, maximum == long.MaxValue ? $"a whole number of at least {minimum}" : $"a whole number from {minimum} to {maximum}"),
    };

    /// <summary>A finite number; null where it is not given.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">Its help.</param>
    /// <param name="isAllowed">Which finite values are allowed.</param>
    /// <param name="allowed">The same in words.</param>
    public static Option<double?> Number(string name, string description, Predicate<double> isAllowed, string allowed) => new(name)
    {
        Description = description,
        HelpName = "number",
        CustomParser = argument => Parse<double>(argument, name, v => double.IsFinite(v) && isAllowed(v), allowed),
    };

    /// <summary>How many solves are timed; null is one, without a warm-up.</summary>
    public static Option<long?> Repeat() =>
        Integer("--repeat", "Time so many solves after a warm-up and report the median. Default: 1, without one.", 1, 1_000_000);

    /// <summary>A word of a small vocabulary that stands for a value.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">Its help.</param>
    /// <param name="helpName">The vocabulary as the help shows it.</param>
    /// <param name="preset">The word taken where the option is not given.</param>
    /// <param name="read">The value of a word, or a message that says which words there are.</param>
    public static Option<T> Word<T>(string name, string description, string helpName, T preset, Func<string, (T Value, string? Error)> read) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => preset,
        CustomParser = argument =>
        {
            (T value, string? error) = read(argument.Tokens[0].Value);
            if (error is not null)
                argument.AddError($"{name} is '{argument.Tokens[0].Value}'; {error}");
            return value;
        },
    };

    private static T? Parse<T>(ArgumentResult argument, string name, Predicate<T> isAllowed, string allowed)
        where T : struct, INumber<T>
    {
        string text = argument.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T value) && isAllowed(value))
            return value;
        argument.AddError($"{name} is '{text}'; {allowed} is needed");
        return null;
    }
}

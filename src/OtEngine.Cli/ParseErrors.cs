using System.CommandLine;
using System.CommandLine.Parsing;

namespace OtEngine.Cli;

/// <summary>Says in one line what is wrong with a command line that could not be parsed.</summary>
internal static class ParseErrors
{
    /// <summary>The first mistake, and the word that was probably meant.</summary>
    public static string Describe(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        if (result.UnmatchedTokens is [string word, ..])
            return DescribeUnknown(word, command, result.RootCommandResult.Command);
        if (command is RootCommand)
            return $"a command is missing: {string.Join(", ", command.Subcommands.Select(c => c.Name))}";
        ParseError error = result.Errors[0];
        return error.SymbolResult is OptionResult { Tokens.Count: 0 } option && !option.Implicit
            ? $"{option.Option.Name} has no value after it"
            : error.Message.TrimEnd('.');
    }

    private static string DescribeUnknown(string word, Command command, Command root)
    {
        if (word.StartsWith('-'))
        {
            string name = word.Split('=', ':')[0];
            return $"unknown option '{name}'{DidYouMean(Suggestion.For(name, root.Options.Concat(command.Options).Select(o => o.Name)))}";
        }

        return command is RootCommand
            ? $"unknown command '{word}'{DidYouMean(Suggestion.For(word, command.Subcommands.Select(c => c.Name)))}"
            : $"unexpected argument '{word}'; values follow their option, as in --x points.npy";
    }

    private static string DidYouMean(string? guess) => guess is null ? "" : $"; did you mean '{guess}'?";
}

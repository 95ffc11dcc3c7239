namespace OtEngine.Cli;

/// <summary>Ends a command with an exit code and one line on standard error.</summary>
/// <param name="code">How the process ends.</param>
/// <param name="message">What is wrong, and what would be right; one line.</param>
internal sealed class CommandException(ExitCode code, string message) : Exception(message)
{
    /// <summary>Bad arguments or input.</summary>
    /// <param name="message">What is wrong, and what would be right; one line.</param>
    public CommandException(string message)
        : this(ExitCode.BadInput, message)
    {
    }

    /// <summary>How the process ends.</summary>
    public ExitCode Code { get; } = code;
}

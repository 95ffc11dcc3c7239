namespace OtEngine.Cli;

/// <summary>Where a command writes to, and who may stop it.</summary>
/// <param name="Out">Standard output: the report, and nothing else.</param>
/// <param name="Error">Standard error: the one line about a failure, and the progress.</param>
/// <param name="IsOutInteractive">A person looks at <paramref name="Out"/>: colours are welcome, which NO_COLOR in the environment denies.</param>
/// <param name="IsErrorInteractive">A person looks at <paramref name="Error"/>: a line that redraws itself is welcome.</param>
/// <param name="Interrupted">Cancelled by Ctrl-C or a termination signal.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsOutInteractive, bool IsErrorInteractive, CancellationToken Interrupted)
{
    /// <summary>Columns of a report or a help text that goes to a file or a pipe.</summary>
    public const int RedirectedWidth = 80;

    /// <summary>The report of the run, which is sent once.</summary>
    public LastWords LastWords { get; init; } = new();

    /// <summary>The streams of this process.</summary>
    public static Terminal OfProcess(LastWords lastWords, CancellationToken interrupted) =>
        new(
            Console.Out,
            Console.Error,
            !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            !Console.IsErrorRedirected,
            interrupted)
        {
            LastWords = lastWords,
        };
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using OtEngine.Cli.Commands;

namespace OtEngine.Cli;

/// <summary>The standard help, at a fixed width where it goes to a file, followed by an example of the command.</summary>
internal sealed class HelpWithExample : SynchronousCommandLineAction
{
    private const string ExitCodes = """
        Exit codes:
          0    answered
          1    ended without converging; the report says how
          2    bad arguments or input; one line on standard error says which
          3    device or memory
          130  interrupted by Ctrl-C

        """;

    private readonly HelpAction _standard;

    public HelpWithExample(HelpAction standard, Terminal terminal)
    {
        _standard = standard;
        if (!terminal.IsOutInteractive)
            _standard.MaxWidth = 100;
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = _standard.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is EngineCommand command)
            output.WriteLine($"Example:{Environment.NewLine}  {command.Example}{Environment.NewLine}");
        else
            output.WriteLine(ExitCodes);
        return code;
    }
}

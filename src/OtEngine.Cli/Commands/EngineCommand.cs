using System.CommandLine;

namespace OtEngine.Cli.Commands;

/// <summary>A command of <c>ot</c>.</summary>
internal abstract class EngineCommand : Command
{
    /// <summary>Declares the command.</summary>
    /// <param name="name">The word after <c>ot</c>.</param>
    /// <param name="description">What it does, for the help.</param>
    /// <param name="example">A whole command line, for the help.</param>
    /// <param name="common">The options of all commands.</param>
    /// <param name="terminal">Where to write to.</param>
    protected EngineCommand(string name, string description, string example, CommonOptions common, Terminal terminal)
        : base(name, description)
    {
        Example = example;
        SetAction(arguments =>
        {
            using Session session = new(arguments, common, terminal);
            return Run(arguments, session);
        });
    }

    /// <summary>A command line that works.</summary>
    public string Example { get; }

    /// <summary>Does what the arguments ask for.</summary>
    /// <returns>The exit code.</returns>
    protected abstract int Run(ParseResult arguments, Session session);
}

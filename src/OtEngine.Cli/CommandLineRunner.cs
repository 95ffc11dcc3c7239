using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using OtEngine.Cli.Commands;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli;

/// <summary>Runs one command line from its words to its exit code.</summary>
internal static class CommandLineRunner
{
    /// <summary>Runs a command.</summary>
    /// <param name="args">The words after <c>ot</c>.</param>
    /// <param name="terminal">Where to write to.</param>
    /// <returns>The exit code; see <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> args, Terminal terminal)
    {
        ParserConfiguration words = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
        ParseResult result = CreateRoot(terminal).Parse(args, words);
        string name = result.CommandResult.Command is RootCommand ? "ot" : $"ot {result.CommandResult.Command.Name}";
        if (result.Action is ParseErrorAction or null)
            return Fail(ExitCode.BadInput, $"{ParseErrors.Describe(result)} (see {name} --help)");

        try
        {
            return result.Invoke(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (CommandException e)
        {
            return Fail(e.Code, e.Message);
        }
        catch (InputFileException e)
        {
            return Fail(ExitCode.BadInput, e.Message);
        }
        catch (ProblemException e)
        {
            return Fail(e.Error == ProblemError.TooLarge ? ExitCode.DeviceOrMemory : ExitCode.BadInput, e.Message);
        }
        catch (CudaOutOfMemoryException e)
        {
            return Fail(ExitCode.DeviceOrMemory, $"{e.Message} Take fewer atoms, --dtype float32, or --device cpu");
        }
        catch (DeviceException e)
        {
            return Fail(ExitCode.DeviceOrMemory, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A standard output that is closed counts as one that denies access.
            return Fail(ExitCode.BadInput, e.Message);
        }
        catch (OutOfMemoryException)
        {
            return Fail(ExitCode.DeviceOrMemory, "the memory of this machine does not suffice; take fewer atoms, or float32");
        }

        int Fail(ExitCode code, string message)
        {
            try
            {
                // One line, whatever the name of a file has in it.
                terminal.Error.WriteLine($"{name}: {message.ReplaceLineEndings(" ")}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Nobody can be told; the exit code still says it.
            }

            return (int)code;
        }
    }

    private static RootCommand CreateRoot(Terminal terminal)
    {
        CommonOptions common = new();
        RootCommand root = new("Optimal transport from the command line.")
        {
            new SolveCommand(common, terminal),
            new LineCommand(common, terminal),
            new AssignCommand(common, terminal),
            new GromovCommand(common, terminal),
            new SlicedCommand(common, terminal),
            new PairwiseCommand(common, terminal),
            new TransferCommand(common, terminal),
            new VerifyCommand(common, terminal),
            new BenchCommand(common, terminal),
            new DoctorCommand(common, terminal),
        };
        common.AddTo(root);
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExample((HelpAction)help.Action!, terminal);
        return root;
    }
}

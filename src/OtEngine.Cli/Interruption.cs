using System.Runtime.InteropServices;

namespace OtEngine.Cli;

/// <summary>Ends the process on SIGINT (Ctrl-C) and SIGTERM within a second, whatever it is doing.</summary>
internal static class Interruption
{
    // Solvers observe a token within 50 ms; the rest is for writing down what is finished.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(600);

    // The rest of the second.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Runs a command with a token that the first signal cancels; a second one, or the end of the grace, ends the process. What does not come to its
    /// end within the grace, such as a kernel of a slow device, has its last words said for it.
    /// </summary>
    public static int Run(Func<CancellationToken, LastWords, int> command)
    {
        using CancellationTokenSource source = new();
        LastWords lastWords = new();
        using Timer deadline = new(_ =>
        {
            try
            {
                lastWords.SayPartial(Patience);
            }
            catch (Exception)
            {
                // Nobody is left to hear it, and it must not end the process otherwise.
                Environment.Exit((int)ExitCode.Interrupted);
            }

            Environment.Exit((int)ExitCode.Interrupted);
        });
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return command(source.Token, lastWords);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (source.IsCancellationRequested)
                Environment.Exit((int)ExitCode.Interrupted);
            deadline.Change(Grace, Timeout.InfiniteTimeSpan);
            source.Cancel();
        }
    }
}

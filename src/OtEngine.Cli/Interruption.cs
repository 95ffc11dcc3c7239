using System.Runtime.InteropServices;

namespace OtEngine.Cli;

/// <summary>Ends the process on SIGINT (Ctrl-C) and SIGTERM within a second, whatever it is doing.</summary>
internal static class Interruption
{
    // Solvers observe a token within 50 ms; the rest of the second is for writing down what is finished.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(800);

    /// <summary>Runs a command with a token that the first signal cancels; a second one, or the end of the grace, ends the process.</summary>
    public static int Run(Func<CancellationToken, int> command)
    {
        using CancellationTokenSource source = new();
        using Timer deadline = new(_ => Environment.Exit((int)ExitCode.Interrupted));
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return command(source.Token);

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

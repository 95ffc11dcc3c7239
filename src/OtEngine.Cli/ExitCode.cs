namespace OtEngine.Cli;

/// <summary>How <c>ot</c> ends.</summary>
internal enum ExitCode
{
    /// <summary>The question was answered.</summary>
    Answered = 0,

    /// <summary>The solver ended without converging; the report came all the same, with its status.</summary>
    NotConverged = 1,

    /// <summary>Bad arguments or input; one line on standard error says which.</summary>
    BadInput = 2,

    /// <summary>The device asked for is not there, or memory does not suffice.</summary>
    DeviceOrMemory = 3,

    /// <summary>Ctrl-C or a termination signal: 128 + SIGINT, what a shell reports of a process that SIGINT ended.</summary>
    Interrupted = 130,
}

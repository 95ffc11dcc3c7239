namespace OtEngine.Cli.Tests.Fuzzing;

/// <summary>What a reader must not do.</summary>
internal enum FuzzFinding
{
    /// <summary>Nothing was found.</summary>
    None,

    /// <summary>An exception other than the typed one escaped, or the typed one broke its own rules.</summary>
    Exception,

    /// <summary>More memory was allocated than allowed.</summary>
    Memory,

    /// <summary>An input took longer than allowed.</summary>
    Hang,
}

/// <summary>The outcome of a run.</summary>
/// <param name="Finding">What was found.</param>
/// <param name="Inputs">The inputs tried.</param>
/// <param name="Accepted">Those that were read.</param>
/// <param name="LargestShare">The most memory used, as a share of what was allowed.</param>
/// <param name="Index">The number of the input that failed.</param>
/// <param name="File">The file that failed; empty if none.</param>
/// <param name="Detail">What happened.</param>
internal sealed record FuzzReport(FuzzFinding Finding, int Inputs, int Accepted, double LargestShare, int Index, byte[] File, string Detail);

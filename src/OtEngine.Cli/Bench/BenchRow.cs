namespace OtEngine.Cli.Bench;

/// <summary>Some work that is timed.</summary>
/// <param name="Name">What is done, in words.</param>
/// <param name="Dtype">float32 or float64.</param>
/// <param name="Unit">What is counted: sweep, or problem.</param>
/// <param name="Open">Draws the inputs and gives the work.</param>
internal sealed record BenchRow(string Name, string Dtype, string Unit, Func<BenchTask> Open);

/// <summary>Work whose inputs are in memory.</summary>
/// <param name="Solve">Does so many units in one call.</param>
/// <param name="Work">What a unit needs.</param>
internal sealed record BenchTask(Action<int, CancellationToken> Solve, BenchWork Work)
{
    /// <summary>Units of one timed call.</summary>
    public int Units { get; init; } = 1;

    /// <summary>
    /// Units of a second, shorter call whose time is taken off: what a call does besides its units then does not count. 0 times whole calls.
    /// </summary>
    public int UnitsOff { get; init; }
}

namespace OtEngine.Tests;

/// <summary>What is reported, heard on the thread that reports, where Progress would post it to another one.</summary>
internal sealed class HeardProgress : IProgress<SolveProgress>
{
    /// <summary>No report is held back after it: they are 50 ms apart at least.</summary>
    public static readonly TimeSpan UntilTheNext = TimeSpan.FromMilliseconds(60);

    public List<SolveProgress> Reports { get; } = [];

    public void Report(SolveProgress value)
    {
        lock (Reports)
            Reports.Add(value);
    }
}

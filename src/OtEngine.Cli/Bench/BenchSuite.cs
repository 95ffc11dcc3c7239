namespace OtEngine.Cli.Bench;

/// <summary>The rows of <c>ot bench</c> for what an engine computes on, each with its counted work.</summary>
internal abstract class BenchSuite : IDisposable
{
    /// <summary>The rows.</summary>
    public abstract IReadOnlyList<BenchRow> Rows { get; }

    /// <summary>What a report says of them: what the rows are, in whole lines.</summary>
    public abstract string About { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}

namespace OtEngine.Cli;

/// <summary>
/// What a run says when it is told to stop and does not come to its end in time, such as one that waits for a device: the part that is finished.
/// It is said once, by the run itself or by whoever ends the process.
/// </summary>
internal sealed class LastWords
{
    private readonly Lock _lock = new();
    private Action? _partial;
    private bool _isSaid;

    /// <summary>Whoever may be asked from another thread for the part that is finished.</summary>
    public void Prepare(Action partial)
    {
        lock (_lock)
            _partial = partial;
    }

    /// <summary>The run's own end: says it, unless the process is being ended, which then goes on.</summary>
    public void Say(Action report)
    {
        lock (_lock)
        {
            if (_isSaid)
                return;
            _isSaid = true;
            report();
        }
    }

    /// <summary>Says the part that is finished, if nothing was said yet; waits for a report that is under way.</summary>
    /// <param name="patience">How long.</param>
    public void SayPartial(TimeSpan patience)
    {
        if (!_lock.TryEnter(patience))
            return;
        try
        {
            if (_isSaid || _partial is null)
                return;
            _isSaid = true;
            _partial();
        }
        finally
        {
            _lock.Exit();
        }
    }
}

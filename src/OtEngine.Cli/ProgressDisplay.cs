using System.Globalization;

namespace OtEngine.Cli;

/// <summary>
/// One line on standard error that redraws itself, from the first second on: a bar with the time left where the amount of work is
/// known, a count of iterations where it is not. Silent unless a person looks on. May be told from any thread.
/// </summary>
internal sealed class ProgressDisplay : IProgress<SolveProgress>, IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly TextWriter? _output;
    private readonly TimeProvider _time;
    private long _start;
    private long _shownAt;
    private int _shownWidth;
    private long _total;
    private long _before;
    private long _inherited;

    /// <summary>Starts the clock.</summary>
    /// <param name="output">Where to draw; null draws nothing.</param>
    /// <param name="time">The clock.</param>
    public ProgressDisplay(TextWriter? output, TimeProvider time)
    {
        _output = output;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Announces work that spans several calls of the engine.</summary>
    /// <param name="total">Problems of the whole work.</param>
    /// <param name="inherited">Of these, what an earlier run has solved; it counts for the bar, not for the rate.</param>
    public void Begin(long total, long inherited)
    {
        lock (_lock)
        {
            (_total, _inherited, _before) = (total, inherited, inherited);
            _start = _time.GetTimestamp();
        }
    }

    /// <summary>Counts problems of finished calls, on top of which the next call reports.</summary>
    public void Advance(long problems)
    {
        lock (_lock)
            _before += problems;
    }

    /// <inheritdoc/>
    public void Report(SolveProgress value)
    {
        if (_output is null)
            return;
        lock (_lock)
        {
            TimeSpan elapsed = _time.GetElapsedTime(_start);
            bool isBar = _total > 1 || value.Total > 1;
            if (elapsed < Patience || (!isBar && value.Iterations == 0) || (_shownAt != 0 && _time.GetElapsedTime(_shownAt) < Interval))
                return;
            _shownAt = _time.GetTimestamp();
            Draw(isBar
                ? Bar(_before + value.Completed, Math.Max(_total, value.Total), elapsed)
                : string.Create(CultureInfo.InvariantCulture, $"{value.Iterations:N0} iterations, {elapsed.TotalSeconds:F0} s"));
        }
    }

    /// <summary>Wipes the line, so that a report can follow.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_shownWidth > 0)
                Draw("");
            _output?.Flush();
        }
    }

    private string Bar(long done, long total, TimeSpan elapsed)
    {
        double rate = (done - _inherited) / elapsed.TotalSeconds;
        string left = rate > 0 ? TimeSpan.FromSeconds(Math.Ceiling((total - done) / rate)).ToString("c", CultureInfo.InvariantCulture) : "?";
        double share = (double)done / total;
        string bar = new string('#', (int)(share * BarWidth)).PadRight(BarWidth, '.');
        return string.Create(CultureInfo.InvariantCulture, $"[{bar}] {100 * share,3:F0} %  {done:N0} of {total:N0}  {rate:N0}/s  {left} left");
    }

    private void Draw(string line)
    {
        _output?.Write('\r' + line.PadRight(_shownWidth) + (line.Length == 0 ? "\r" : ""));
        _shownWidth = line.Length;
        _output?.Flush();
    }
}

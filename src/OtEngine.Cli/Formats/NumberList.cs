namespace OtEngine.Cli.Formats;

/// <summary>A growing list of numbers with a limit.</summary>
internal sealed class NumberList(long limit)
{
    private double[] _values = new double[16];
    private int _count;

    /// <summary>The most numbers it takes.</summary>
    public long Limit => limit;

    /// <summary>Adds a number unless the list is full.</summary>
    public bool TryAdd(double value)
    {
        if (_count >= limit)
            return false;

        if (_count == _values.Length)
            Array.Resize(ref _values, (int)Math.Min(2L * _count, limit));
        _values[_count++] = value;
        return true;
    }

    /// <summary>The numbers in the order they came.</summary>
    public double[] ToArray() => _values.AsSpan(0, _count).ToArray();
}

namespace OtEngine.Cli.Plots;

/// <summary>Mass that a plan moves from one point to another.</summary>
internal readonly record struct PlanEdge(int Source, int Target, double Mass);

/// <summary>
/// Keeps the heaviest entries of a plan that is passed through it, so that a picture of a dense plan stays small. Of equal masses
/// the earlier stays.
/// </summary>
internal sealed class HeaviestEdges
{
    private readonly PriorityQueue<PlanEdge, (double Mass, long Age)> _kept = new();
    private readonly int _capacity;
    private long _added;

    /// <summary>Starts with nothing.</summary>
    /// <param name="capacity">The most entries kept; at least 1.</param>
    public HeaviestEdges(int capacity = 3000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>The number of entries with mass that were passed through.</summary>
    public long Added => _added;

    /// <summary>The mass of all entries.</summary>
    public double TotalMass { get; private set; }

    /// <summary>Takes an entry; one without mass, or with a mass that is not finite, is no line to draw.</summary>
    public void Add(int source, int target, double mass)
    {
        if (!(mass > 0) || !double.IsFinite(mass))
            return;

        TotalMass += mass;
        (double Mass, long Age) priority = (mass, -_added++);
        var edge = new PlanEdge(source, target, mass);
        if (_kept.Count < _capacity)
            _kept.Enqueue(edge, priority);
        else
            _kept.EnqueueDequeue(edge, priority);
    }

    /// <summary>Takes every entry of a row of a dense plan.</summary>
    public void AddRow(int source, ReadOnlySpan<double> masses)
    {
        for (int j = 0; j < masses.Length; j++)
            Add(source, j, masses[j]);
    }

    /// <summary>The entries kept, the lightest first: the order to draw them in.</summary>
    public PlanEdge[] ToArray() => [.. _kept.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)];
}

namespace OtEngine;

/// <summary>Arrays a thread reuses from one exact problem to the next; they grow and never shrink.</summary>
internal sealed class ExactScratch
{
    private int[] _heads = [];
    private int[] _queue = [];
    private bool[] _visited = [];
    private ForestArc[] _forestArcs = [];

    public Span<int> Heads(int length) => Take(ref _heads, length);

    public Span<int> Queue(int length) => Take(ref _queue, length);

    public Span<bool> Visited(int length) => Take(ref _visited, length);

    public Span<ForestArc> ForestArcs(int length) => Take(ref _forestArcs, length);

    /// <summary>At least so many elements, with whatever they held before.</summary>
    public static T[] Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            array = new T[(int)Math.Min(Math.Max(length, 2L * array.Length), Array.MaxLength)];
        return array;
    }

    private static Span<T> Take<T>(ref T[] array, int length) => Grow(ref array, length).AsSpan(0, length);
}

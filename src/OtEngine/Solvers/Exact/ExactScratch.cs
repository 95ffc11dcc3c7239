namespace OtEngine;

/// <summary>Arrays a thread reuses from one exact problem to the next; they grow and never shrink.</summary>
internal sealed class ExactScratch
{
    private int[] _heads = [];
    private int[] _queue = [];
    private int[] _order = [];
    private bool[] _visited = [];
    private double[] _prices = [];
    private int[] _sinkPlaces = [];
    private int[] _arcStarts = [];
    private int[] _arcColumns = [];
    private double[] _arcCosts = [];
    private int _forestCount;
    private FlowForest.Entry[] _forestEntries = [];

    /// <summary>How many forest entries are in use.</summary>
    public ref int ForestCount => ref _forestCount;

    public Span<int> Heads(int length) => Take(ref _heads, length);

    public Span<int> Queue(int length) => Take(ref _queue, length);

    public Span<bool> Visited(int length) => Take(ref _visited, length);

    public Span<FlowForest.Entry> ForestEntries(int length) => Take(ref _forestEntries, length);

    public Span<double> Prices(int length) => Take(ref _prices, length);

    public Span<int> Order(int length) => Take(ref _order, length);

    public Span<int> SinkPlaces(int length) => Take(ref _sinkPlaces, length);

    /// <summary>Room for compressed rows, maybe more than asked for.</summary>
    public (int[] Starts, int[] Columns, double[] Costs) Arcs(int rows, int arcs) =>
        (Grow(ref _arcStarts, rows + 1), Grow(ref _arcColumns, arcs), Grow(ref _arcCosts, arcs));

    /// <summary>At least so many elements, with whatever they held before.</summary>
    public static T[] Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            array = new T[(int)Math.Min(Math.Max(length, 2L * array.Length), Array.MaxLength)];
        return array;
    }

    private static Span<T> Take<T>(ref T[] array, int length) => Grow(ref array, length).AsSpan(0, length);
}

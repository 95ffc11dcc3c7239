namespace OtEngine;

/// <summary>
/// One large array kept from one solve to the next: getting memory from the system, page by page, takes as long as computing what
/// goes into it. Held weakly, so that the collector takes it back when memory runs short or nobody has asked for long.
/// </summary>
internal static class SpareMatrix
{
    /// <summary>Elements below which an array is not worth keeping: 1 MiB.</summary>
    private const int Smallest = 1 << 17;

    private static WeakReference<double[]>? _spare;

    /// <summary>At least so many elements, holding anything.</summary>
    public static double[] Take(int length)
    {
        if (length >= Smallest && Interlocked.Exchange(ref _spare, null) is { } spare && spare.TryGetTarget(out double[]? array) && array.Length >= length)
            return array;
        return GC.AllocateUninitializedArray<double>(length);
    }

    /// <summary>Hands over an array that its owner never touches again.</summary>
    public static void Give(double[] array)
    {
        if (array.Length >= Smallest)
            Interlocked.Exchange(ref _spare, new WeakReference<double[]>(array));
    }
}

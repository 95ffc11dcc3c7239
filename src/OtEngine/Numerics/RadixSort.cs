using System.Numerics;
using System.Runtime.InteropServices;

namespace OtEngine;

/// <summary>
/// Stable ascending sort of finite floating-point values together with their indices, in time linear in their number:
/// least significant digit first, on integer keys of the same order. Negative and positive zero are equal.
/// </summary>
/// <remarks>Memory: 2 n keys and 2 n indices while it runs, of which the answer keeps n of each.</remarks>
internal static class RadixSort
{
    /// <summary>Up to here moving elements one by one costs less than counting digits.</summary>
    private const int InsertionLimit = 48;

    private const int DigitBits = 8;
    private const int Buckets = 1 << DigitBits;

    /// <summary>Fills <paramref name="order"/> with the indices of the values in ascending order and <paramref name="sorted"/> with the values.</summary>
    public static void Sort<T>(ReadOnlySpan<T> values, Span<T> sorted, Span<int> order)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
            SortDoubles(MemoryMarshal.Cast<T, double>(values), MemoryMarshal.Cast<T, double>(sorted), order);
        else
            SortFloats(MemoryMarshal.Cast<T, float>(values), MemoryMarshal.Cast<T, float>(sorted), order);
    }

    private static void SortDoubles(ReadOnlySpan<double> values, Span<double> sorted, Span<int> order)
    {
        Span<ulong> keys = MemoryMarshal.Cast<double, ulong>(sorted);
        for (int i = 0; i < values.Length; i++)
        {
            // Adding zero turns -0 into +0. The sign bit flips; of a negative number all bits do, as more negative means less.
            ulong bits = BitConverter.DoubleToUInt64Bits(values[i] + 0.0);
            keys[i] = bits ^ ((ulong)((long)bits >> 63) | 0x8000_0000_0000_0000);
            order[i] = i;
        }

        SortKeys(keys, order);
        for (int i = 0; i < keys.Length; i++)
        {
            ulong key = keys[i];
            keys[i] = key ^ ((ulong)((long)~key >> 63) | 0x8000_0000_0000_0000);
        }
    }

    private static void SortFloats(ReadOnlySpan<float> values, Span<float> sorted, Span<int> order)
    {
        Span<uint> keys = MemoryMarshal.Cast<float, uint>(sorted);
        for (int i = 0; i < values.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(values[i] + 0.0f);
            keys[i] = bits ^ ((uint)((int)bits >> 31) | 0x8000_0000);
            order[i] = i;
        }

        SortKeys(keys, order);
        for (int i = 0; i < keys.Length; i++)
        {
            uint key = keys[i];
            keys[i] = key ^ ((uint)((int)~key >> 31) | 0x8000_0000);
        }
    }

    private static void SortKeys<TKey>(Span<TKey> keys, Span<int> order)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        if (keys.Length <= InsertionLimit)
        {
            Insert(keys, order);
            return;
        }

        int digits = keys[0].GetByteCount() * 8 / DigitBits;
        int[] counts = new int[digits * Buckets];
        foreach (TKey key in keys)
        {
            for (int digit = 0; digit < digits; digit++)
                counts[(digit * Buckets) + Digit(key, digit)]++;
        }

        TKey[] otherKeys = GC.AllocateUninitializedArray<TKey>(keys.Length);
        int[] otherOrder = GC.AllocateUninitializedArray<int>(keys.Length);
        Span<TKey> fromKeys = keys;
        Span<int> fromOrder = order;
        Span<TKey> toKeys = otherKeys;
        Span<int> toOrder = otherOrder;
        for (int digit = 0; digit < digits; digit++)
        {
            Span<int> offsets = counts.AsSpan(digit * Buckets, Buckets);
            if (offsets[Digit(keys[0], digit)] == keys.Length)
                continue;
            int offset = 0;
            for (int bucket = 0; bucket < Buckets; bucket++)
                (offsets[bucket], offset) = (offset, offset + offsets[bucket]);
            for (int i = 0; i < fromKeys.Length; i++)
            {
                TKey key = fromKeys[i];
                int place = offsets[Digit(key, digit)]++;
                toKeys[place] = key;
                toOrder[place] = fromOrder[i];
            }

            Span<TKey> filledKeys = toKeys;
            Span<int> filledOrder = toOrder;
            toKeys = fromKeys;
            toOrder = fromOrder;
            fromKeys = filledKeys;
            fromOrder = filledOrder;
        }

        if (fromKeys != keys)
        {
            fromKeys.CopyTo(keys);
            fromOrder.CopyTo(order);
        }
    }

    private static int Digit<TKey>(TKey key, int digit)
        where TKey : unmanaged, IBinaryInteger<TKey> => byte.CreateTruncating(key >> (digit * DigitBits));

    private static void Insert<TKey>(Span<TKey> keys, Span<int> order)
        where TKey : unmanaged, IBinaryInteger<TKey>
    {
        for (int i = 1; i < keys.Length; i++)
        {
            TKey key = keys[i];
            int index = order[i];
            int place = i;
            for (; place > 0 && keys[place - 1] > key; place--)
            {
                keys[place] = keys[place - 1];
                order[place] = order[place - 1];
            }

            keys[place] = key;
            order[place] = index;
        }
    }
}

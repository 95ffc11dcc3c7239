using System.Numerics;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu;

/// <summary>
/// Stable ascending sort of floating-point values with their indices, or of values alone, negative and positive zero being equal. Each value
/// becomes a fixed-point number over the range of all, in vectors; as many buckets as there are values take them, so that most are in place after one
/// pass; buckets of many are spread again by their lower bits.
/// </summary>
/// <remarks>
/// The order is that of (value, index), which nothing about the machine changes: the map to fixed point is monotone, and where it makes one number of several
/// values those are sorted by all their bits. O(n) where values are spread at all evenly, never more passes than bits. Values that are not finite, or
/// whose range is not, go to <see cref="RadixSort"/>. An instance is one thread's memory: 16 bytes a value, kept. Source: D. E. Knuth, The Art of Computer
/// Programming 3, 5.2.5 (distribution), with E. J. Isaac, R. C. Singleton, Journal of the ACM 3 (1956) for the address calculation.
/// In bounds: every index is below the count of values that the memory was made for, and every bucket below 2^bits, since x - min is at most the range.
/// </remarks>
internal sealed unsafe partial class SpreadSort
{
    /// <summary>Up to here elements are moved one by one.</summary>
    private const int InsertionLimit = 32;

    /// <summary>Buckets of a pass, at most 2^14, whose counters stay in the second cache; of more values 2^11, whose ends do besides, and a second pass.</summary>
    private const int MostBits = 14;
    private const int BitsOfMany = 11;
    private const int Many = 1 << 15;

    /// <summary>2^52: what is added to a double below half of it leaves its nearest integer in the lowest bits.</summary>
    private const double Integers = 4503599627370496;

    /// <summary>Bits of the fixed-point numbers, so that they and their rounding stay below 2^52.</summary>
    private const int MostKeyBits = 51;

    private ulong[] _words = [];
    private ulong[] _spread = [];
    private int[] _ends = [];
    private int _mostBits;

    private static int Width => Vector512<double>.Count;

    /// <summary>Fills <paramref name="order"/> with the indices of the values in ascending order and <paramref name="sorted"/> with the values.</summary>
    public void Sort<T>(ReadOnlySpan<T> values, Span<T> sorted, Span<int> order)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = values.Length;
        int indexBits = BitsFor(count);
        int keyBits = Math.Min(MostKeyBits, 64 - indexBits);
        fixed (T* v = values)
        {
            if (count <= InsertionLimit || !Scale(v, count, keyBits, out double least, out double scale) || scale == 0)
            {
                // Few, equal ones, or what no fixed point holds.
                RadixSort.Sort(values, sorted, order);
                return;
            }

            Reserve(count);
            fixed (ulong* words = _words, spread = _spread)
            {
                Quantise(v, count, least, scale, indexBits, words);
                Pass(words, spread, count, keyBits, indexBits, isSpread: true, ends: 0);
                Gather(v, spread, count, indexBits, sorted, order);
            }
        }
    }

    /// <summary>Bits that hold every index below a count.</summary>
    private static int BitsFor(int count) => 32 - BitOperations.LeadingZeroCount((uint)Math.Max(count - 1, 1));

    /// <summary>What x - least is multiplied by to become a number below 2^bits; false where the range is not finite, or so small that the factor is not.</summary>
    private static bool Scale<T>(T* values, int count, int bits, out double least, out double scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<double> low = Vector512.Create(double.PositiveInfinity);
        Vector512<double> high = Vector512.Create(double.NegativeInfinity);
        int i = 0;
        for (; i <= count - Width; i += Width)
        {
            Vector512<double> value = Widening.Load(values + i);
            low = Vector512.Min(low, value);
            high = Vector512.Max(high, value);
        }

        least = double.PositiveInfinity;
        double largest = double.NegativeInfinity;
        for (int lane = 0; lane < Width; lane++)
        {
            least = Math.Min(least, low[lane]);
            largest = Math.Max(largest, high[lane]);
        }

        for (; i < count; i++)
        {
            double value = double.CreateTruncating(values[i]);
            least = Math.Min(least, value);
            largest = Math.Max(largest, value);
        }

        // Where all are equal one number is theirs.
        double range = largest - least;
        scale = range == 0 ? 0 : (Math.ScaleB(1, bits) - 2) / range;
        return double.IsFinite(range) && double.IsFinite(scale);
    }

    /// <summary>Words of a fixed-point number each, and in the lowest bits the index.</summary>
    private static void Quantise<T>(T* values, int count, double least, double scale, int indexBits, ulong* words)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<double> start = Vector512.Create(least);
        Vector512<double> factor = Vector512.Create(scale);
        Vector512<double> integers = Vector512.Create(Integers);
        Vector512<ulong> index = indexBits == 0 ? Vector512<ulong>.Zero : Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
        Vector512<ulong> step = Vector512.Create(indexBits == 0 ? 0UL : (ulong)Width);
        int i = 0;
        for (; i <= count - Width; i += Width)
        {
            Vector512<double> number = ((Widening.Load(values + i) - start) * factor) + integers;
            (((number.AsUInt64() - integers.AsUInt64()) << indexBits) | index).Store(words + i);
            index += step;
        }

        for (; i < count; i++)
        {
            double number = ((double.CreateTruncating(values[i]) - least) * scale) + Integers;
            words[i] = ((BitConverter.DoubleToUInt64Bits(number) - BitConverter.DoubleToUInt64Bits(Integers)) << indexBits) | (indexBits == 0 ? 0 : (uint)i);
        }
    }

    /// <summary>Moves each of the words to after those not above it that stand before it; the two may be the same memory.</summary>
    private static void Insert(ulong* from, ulong* to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ulong word = from[i];
            int place = i;
            for (; place > 0 && to[place - 1] > word; place--)
                to[place] = to[place - 1];
            to[place] = word;
        }
    }

    private int BitsOf(int count) => Math.Clamp(BitsFor(count), 1, _mostBits);

    private void Reserve(int count)
    {
        if (_words.Length < count)
        {
            _words = GC.AllocateUninitializedArray<ulong>(count);
            _spread = GC.AllocateUninitializedArray<ulong>(count);
        }

        _mostBits = count > Many ? BitsOfMany : MostBits;
        int bits = BitsOf(count);
        int most = ((64 / bits) + 2) << bits;
        if (_ends.Length < most)
            _ends = new int[most];
    }

    /// <summary>
    /// Sorts words in order of their indices, whose numbers agree above their lowest bits, by as many of those as make a bucket of each. Counters of the
    /// passes under way lie one after another.
    /// </summary>
    /// <param name="words">The words; overwritten where they, and not the other memory, are to receive the answer.</param>
    /// <param name="spread">Memory for as many.</param>
    /// <param name="count">How many.</param>
    /// <param name="bits">How many lowest bits of the numbers differ.</param>
    /// <param name="indexBits">Bits below the numbers.</param>
    /// <param name="isSpread">Whether the answer belongs in <paramref name="spread"/>.</param>
    /// <param name="ends">Where the counters of this pass begin.</param>
    private void Pass(ulong* words, ulong* spread, int count, int bits, int indexBits, bool isSpread, int ends)
    {
        ulong* answer = isSpread ? spread : words;
        fixed (int* counters = &_ends[ends])
        {
            int own;
            int shift;
            int most;
            ulong mask;
            do
            {
                own = Math.Min(BitsOf(count), bits);
                if (own == 0)
                {
                    // One number stands for all, and they are in order.
                    new Span<ulong>(words, count).CopyTo(new Span<ulong>(answer, count));
                    return;
                }

                bits -= own;
                shift = bits + indexBits;
                mask = (1UL << own) - 1;
                most = Count(words, count, shift, mask, counters);
            }
            while (most == count);

            for (int i = 0; i < count; i++)
            {
                ulong word = words[i];
                spread[counters[(int)((word >> shift) & mask)]++] = word;
            }

            if (most <= InsertionLimit)
            {
                Insert(spread, answer, count);
                return;
            }

            int first = 0;
            for (int bucket = 0; bucket < 1 << own; bucket++)
            {
                int size = counters[bucket] - first;
                if (size <= InsertionLimit)
                    Insert(spread + first, answer + first, size);
                else
                    Pass(spread + first, words + first, size, bits, indexBits, !isSpread, ends + (1 << own));
                first += size;
            }
        }
    }

    /// <summary>How many words come before those of each bucket; gives the most that one has.</summary>
    private static int Count(ulong* words, int count, int shift, ulong mask, int* counters)
    {
        new Span<int>(counters, (int)mask + 1).Clear();
        for (int i = 0; i < count; i++)
            counters[(int)((words[i] >> shift) & mask)]++;
        int most = 0;
        int sum = 0;
        for (int bucket = 0; bucket <= (int)mask; bucket++)
        {
            int here = counters[bucket];
            most = Math.Max(most, here);
            counters[bucket] = sum;
            sum += here;
        }

        return most;
    }

    /// <summary>Values and indices of sorted words; values that one number stands for are in the order of their indices, and may have to be sorted.</summary>
    private static void Gather<T>(T* values, ulong* words, int count, int indexBits, Span<T> sorted, Span<int> order)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ulong mask = (1UL << indexBits) - 1;
        T before = T.NegativeInfinity;
        for (int i = 0; i < count; i++)
        {
            int index = (int)(words[i] & mask);
            order[i] = index;

            // Adding zero turns -0 into +0.
            T value = values[index] + T.Zero;
            sorted[i] = value;
            if (value < before)
            {
                i = Mend(values, words, i, count, indexBits, sorted, order);
                value = sorted[i];
            }

            before = value;
        }
    }

    /// <summary>Sorts the values that share the number of the one at a place by all their bits, and gives the last of them.</summary>
    private static int Mend<T>(T* values, ulong* words, int at, int count, int indexBits, Span<T> sorted, Span<int> order)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ulong number = words[at] >> indexBits;
        ulong mask = (1UL << indexBits) - 1;
        int first = at;
        while (first > 0 && words[first - 1] >> indexBits == number)
            first--;
        int end = at + 1;
        while (end < count && words[end] >> indexBits == number)
            end++;
        T[] own = new T[end - first];
        int[] ownOrder = new int[own.Length];
        for (int k = 0; k < own.Length; k++)
            own[k] = values[words[first + k] & mask];
        RadixSort.Sort<T>(own, sorted[first..end], ownOrder);
        for (int k = 0; k < own.Length; k++)
            order[first + k] = (int)(words[first + ownOrder[k]] & mask);
        return end - 1;
    }
}

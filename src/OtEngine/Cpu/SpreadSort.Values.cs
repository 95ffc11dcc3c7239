using System.Numerics;

namespace OtEngine.Cpu;

/// <summary>Values alone, where nobody asks which they were: half of what is moved.</summary>
internal sealed unsafe partial class SpreadSort
{
    /// <summary>Passes over one value, at most, before it is left to a sort by comparisons.</summary>
    private const int MostDepth = 4;

    /// <summary>Fills <paramref name="sorted"/> with the values in ascending order.</summary>
    public void Sort<T>(ReadOnlySpan<T> values, Span<T> sorted)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Reserve(values.Length);
        fixed (T* from = values, to = sorted)
            Pass(from, to, values.Length, 0, ends: 0);
    }

    private static void Insert<T>(T* values, int count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 1; i < count; i++)
        {
            T value = values[i];
            int place = i;
            for (; place > 0 && values[place - 1] > value; place--)
                values[place] = values[place - 1];
            values[place] = value;
        }
    }

    private void Pass<T>(T* from, T* to, int count, int depth, int ends)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int bits = BitsOf(count);
        (double least, double scale) = (0, 0);
        bool isSpread = count > InsertionLimit && depth < MostDepth && Scale(from, count, bits, out least, out scale);
        if (!isSpread || scale == 0)
        {
            // Adding zero turns -0 into +0. A scale of zero is that of equal values.
            for (int i = 0; i < count; i++)
                to[i] = from[i] + T.Zero;
            if (count <= InsertionLimit)
                Insert(to, count);
            else if (!isSpread)
                new Span<T>(to, count).Sort();
            return;
        }

        int most = 0;
        fixed (ulong* numbers = _words, spread = _spread)
        fixed (int* counters = &_ends[ends])
        {
            Quantise(from, count, least, scale, 0, numbers);
            new Span<int>(counters, 1 << bits).Clear();
            for (int i = 0; i < count; i++)
                counters[numbers[i]]++;
            int sum = 0;
            for (int bucket = 0; bucket < 1 << bits; bucket++)
            {
                int here = counters[bucket];
                most = Math.Max(most, here);
                counters[bucket] = sum;
                sum += here;
            }

            for (int i = 0; i < count; i++)
                to[counters[numbers[i]]++] = from[i] + T.Zero;
            if (most <= InsertionLimit)
            {
                Insert(to, count);
                return;
            }

            // A bucket of many is copied, and spread again over its own range.
            int first = 0;
            for (int bucket = 0; bucket < 1 << bits; bucket++)
            {
                int size = counters[bucket] - first;
                if (size <= InsertionLimit)
                {
                    Insert(to + first, size);
                }
                else
                {
                    new Span<T>(to + first, size).CopyTo(new Span<T>(spread, size));
                    Pass((T*)spread, to + first, size, depth + 1, ends + (1 << bits));
                }

                first += size;
            }
        }
    }
}

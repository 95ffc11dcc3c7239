using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OtEngine.Bench;

/// <summary>
/// What <see cref="Cpu.SpreadSort"/> is measured against: a quicksort of doubles with their indices whose partition moves four keys at once, by a table of
/// permutations. It wants AVX2. Not used by the engine: <see cref="Sorts"/> shows why.
/// </summary>
/// <remarks>In bounds: memory has four keys more than there are values, for the stores of whole vectors, and no place is below that of a key yet to be read.</remarks>
internal sealed class VectorQuicksort(int most)
{
    private const int InsertionLimit = 24;
    private const int Width = 4;
    private static readonly int[] KeyTable = Table(2);
    private static readonly int[] IndexTable = Table(1);
    private readonly double[] _keys = new double[most + Width];
    private readonly int[] _order = new int[most + Width];
    private readonly double[] _upper = new double[most + Width];
    private readonly int[] _upperOrder = new int[most + Width];

    public void Sort(ReadOnlySpan<double> values, Span<double> sorted, Span<int> order)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _keys[i] = values[i] + 0.0;
            _order[i] = i;
        }

        Sort(0, values.Length);
        _keys.AsSpan(0, values.Length).CopyTo(sorted);
        _order.AsSpan(0, values.Length).CopyTo(order);
    }

    /// <summary>For each set of lanes, first the lanes not in it and then those in it, each of some ints.</summary>
    private static int[] Table(int ints)
    {
        int[] table = new int[(1 << Width) * Width * ints];
        for (int set = 0; set < 1 << Width; set++)
        {
            int place = set * Width * ints;
            for (int side = 0; side < 2; side++)
            {
                for (int lane = 0; lane < Width; lane++)
                {
                    for (int part = 0; part < ints && ((set >> lane) & 1) == side; part++)
                        table[place++] = (lane * ints) + part;
                }
            }
        }

        return table;
    }

    /// <summary>Ascending; partitions keep the order of what they move, so that equal keys stay in the order of their indices.</summary>
    private void Sort(int first, int count)
    {
        while (count > InsertionLimit)
        {
            (double a, double b, double c) = (_keys[first + (count / 4)], _keys[first + (count / 2)], _keys[first + count - 1 - (count / 4)]);
            double pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int lower = Partition(first, count, pivot, orEqual: false);
            if (lower == 0)
            {
                // The pivot is the least: those equal to it are in place.
                int equal = Partition(first, count, pivot, orEqual: true);
                (first, count) = (first + equal, count - equal);
                continue;
            }

            Sort(first, lower);
            (first, count) = (first + lower, count - lower);
        }

        Span<double> keys = _keys.AsSpan(first, count);
        Span<int> order = _order.AsSpan(first, count);
        for (int i = 1; i < count; i++)
        {
            (double key, int index) = (keys[i], order[i]);
            int place = i;
            for (; place > 0 && keys[place - 1] > key; place--)
                (keys[place], order[place]) = (keys[place - 1], order[place - 1]);
            (keys[place], order[place]) = (key, index);
        }
    }

    private int Partition(int first, int count, double pivot, bool orEqual)
    {
        ref double keys = ref _keys[first];
        ref int order = ref _order[first];
        ref double upperKeys = ref _upper[0];
        ref int upperOrder = ref _upperOrder[0];
        ref int keyTable = ref KeyTable[0];
        ref int indexTable = ref IndexTable[0];
        int lower = 0;
        int upper = 0;
        Vector256<double> pivots = Vector256.Create(pivot);
        int i = 0;
        for (; i <= count - Width; i += Width)
        {
            Vector256<int> key = Vector256.LoadUnsafe(ref keys, (nuint)i).AsInt32();
            Vector128<float> index = Vector128.LoadUnsafe(ref order, (nuint)i).AsSingle();
            Vector256<double> isUpper = orEqual ? Vector256.GreaterThan(key.AsDouble(), pivots) : Vector256.GreaterThanOrEqual(key.AsDouble(), pivots);
            int set = Avx.MoveMask(isUpper);
            int other = set ^ 15;
            Avx2.PermuteVar8x32(key, Vector256.LoadUnsafe(ref keyTable, (nuint)(8 * other))).AsDouble().StoreUnsafe(ref upperKeys, (nuint)upper);
            Avx.PermuteVar(index, Vector128.LoadUnsafe(ref indexTable, (nuint)(4 * other))).AsInt32().StoreUnsafe(ref upperOrder, (nuint)upper);
            Avx2.PermuteVar8x32(key, Vector256.LoadUnsafe(ref keyTable, (nuint)(8 * set))).AsDouble().StoreUnsafe(ref keys, (nuint)lower);
            Avx.PermuteVar(index, Vector128.LoadUnsafe(ref indexTable, (nuint)(4 * set))).AsInt32().StoreUnsafe(ref order, (nuint)lower);
            int moved = BitOperations.PopCount((uint)set);
            upper += moved;
            lower += Width - moved;
        }

        for (; i < count; i++)
        {
            (double key, int index) = (_keys[first + i], _order[first + i]);
            if (orEqual ? key > pivot : key >= pivot)
                (_upper[upper], _upperOrder[upper++]) = (key, index);
            else
                (_keys[first + lower], _order[first + lower++]) = (key, index);
        }

        _upper.AsSpan(0, upper).CopyTo(_keys.AsSpan(first + lower));
        _upperOrder.AsSpan(0, upper).CopyTo(_order.AsSpan(first + lower));
        return lower;
    }
}

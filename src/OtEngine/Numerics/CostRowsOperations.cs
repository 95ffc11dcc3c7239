using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OtEngine;

/// <summary>Loops over the arcs of one row: minima, hard c-transforms, violations. In bounds because spans have the row's length.</summary>
/// <remarks>
/// Rows are passed by value, so that their fields sit in registers. The loops are compiled fully at their first call: as first
/// compiled otherwise they are several times slower, and a short-lived program would run little else.
/// </remarks>
internal static class CostRowsOperations
{
    private static int Width => Vector512<double>.Count;

    /// <summary>
    /// min_j (C_ij + slack |C_ij| + shift_j). With slack 0 and shift -g it is the hard c-transform of g at row i; a
    /// positive slack makes arcs whose reduced cost is rounding noise come out non-negative.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Minimum<TRows>(TRows rows, int i, ReadOnlySpan<double> shift, double slack)
        where TRows : struct, ICostRows
    {
        int columns = shift.Length;
        if (columns < Width)
            return MinimumOfFew(rows, i, shift, slack);
        ref double start = ref MemoryMarshal.GetReference(shift);
        Vector512<double> slacks = Vector512.Create(slack);
        Vector512<double> even = Vector512.Create(double.PositiveInfinity);
        Vector512<double> odd = even;
        int j = 0;
        for (; j <= columns - (2 * Width); j += 2 * Width)
        {
            even = Vector512.MinNative(Priced(rows, i, j, slacks, ref start), even);
            odd = Vector512.MinNative(Priced(rows, i, j + Width, slacks, ref start), odd);
        }

        if (j <= columns - Width)
            even = Vector512.MinNative(Priced(rows, i, j, slacks, ref start), even);

        // The last vector overlaps the one before it: a minimum may count an arc twice.
        odd = Vector512.MinNative(Priced(rows, i, columns - Width, slacks, ref start), odd);
        return SmallestLane(Vector512.MinNative(even, odd));
    }

    /// <summary>The first j that attains the value which <see cref="Minimum"/> returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int IndexOf<TRows>(TRows rows, int i, ReadOnlySpan<double> shift, double slack, double value)
        where TRows : struct, ICostRows
    {
        int j = 0;
        if (shift.Length >= Width)
        {
            ref double start = ref MemoryMarshal.GetReference(shift);
            Vector512<double> slacks = Vector512.Create(slack);
            Vector512<double> values = Vector512.Create(value);
            for (; j <= shift.Length - Width; j += Width)
            {
                ulong equal = Vector512.Equals(Priced(rows, i, j, slacks, ref start), values).ExtractMostSignificantBits();
                if (equal != 0)
                    return j + System.Numerics.BitOperations.TrailingZeroCount(equal);
            }

            j = shift.Length - Width;
            ulong last = Vector512.Equals(Priced(rows, i, j, slacks, ref start), values).ExtractMostSignificantBits();
            return last != 0 ? j + System.Numerics.BitOperations.TrailingZeroCount(last) : -1;
        }

        for (; j < shift.Length; j++)
        {
            if (Priced(rows, i, j, slack, shift[j]) == value)
                return j;
        }

        return -1;
    }

    /// <summary>g_j = min(g_j, C_ij - f_i) for all j: one row's share of the c-transform of f.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LowerColumns<TRows>(TRows rows, int i, double f, Span<double> g)
        where TRows : struct, ICostRows
    {
        int j = 0;
        ref double start = ref MemoryMarshal.GetReference(g);
        Vector512<double> shift = Vector512.Create(f);
        for (; j <= g.Length - Width; j += Width)
            Vector512.MinNative(rows.Load(i, j) - shift, Vector512.LoadUnsafe(ref start, (nuint)j)).StoreUnsafe(ref start, (nuint)j);
        for (; j < g.Length; j++)
            g[j] = Math.Min(g[j], rows.Cost(i, j) - f);
    }

    /// <summary>destination_j = C_ij.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CopyRow<TRows>(TRows rows, int i, Span<double> destination)
        where TRows : struct, ICostRows
    {
        int j = 0;
        ref double start = ref MemoryMarshal.GetReference(destination);
        for (; j <= destination.Length - Width; j += Width)
            rows.Load(i, j).StoreUnsafe(ref start, (nuint)j);
        for (; j < destination.Length; j++)
            destination[j] = rows.Cost(i, j);
    }

    /// <summary>max_j (f + g_j - C_ij) / (|C_ij| + |f| + |g_j|), or 0 if none is positive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LargestViolation<TRows>(TRows rows, int i, double f, ReadOnlySpan<double> g)
        where TRows : struct, ICostRows
    {
        int j = 0;
        ref double start = ref MemoryMarshal.GetReference(g);
        Vector512<double> shift = Vector512.Create(f);

        // Quarters, so that three magnitudes near the largest double still add up to a finite one.
        Vector512<double> scale = (0.25 * Vector512.Abs(shift)) + Vector512.Create(double.Epsilon);
        Vector512<double> worst = Vector512<double>.Zero;
        for (; j <= g.Length - Width; j += Width)
        {
            Vector512<double> cost = rows.Load(i, j);
            Vector512<double> potential = Vector512.LoadUnsafe(ref start, (nuint)j);
            Vector512<double> excess = shift + potential - cost;
            Vector512<double> magnitude = scale + (0.25 * Vector512.Abs(cost)) + (0.25 * Vector512.Abs(potential));
            worst = Vector512.Max(worst, 0.25 * excess / magnitude);
        }

        double largest = 0;
        for (int k = 0; k < Width; k++)
            largest = Math.Max(largest, worst[k]);
        for (; j < g.Length; j++)
        {
            double cost = rows.Cost(i, j);
            double magnitude = (0.25 * Math.Abs(f)) + double.Epsilon + (0.25 * Math.Abs(cost)) + (0.25 * Math.Abs(g[j]));
            largest = Math.Max(largest, 0.25 * (f + g[j] - cost) / magnitude);
        }

        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Priced<TRows>(TRows rows, int i, int j, Vector512<double> slack, ref double shift)
        where TRows : struct, ICostRows
    {
        Vector512<double> cost = rows.Load(i, j);
        return Vector512.FusedMultiplyAdd(Vector512.Abs(cost), slack, cost) + Vector512.LoadUnsafe(ref shift, (nuint)j);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Priced<TRows>(TRows rows, int i, int j, double slack, double shift)
        where TRows : struct, ICostRows
    {
        double cost = rows.Cost(i, j);
        return Math.FusedMultiplyAdd(Math.Abs(cost), slack, cost) + shift;
    }

    private static double MinimumOfFew<TRows>(TRows rows, int i, ReadOnlySpan<double> shift, double slack)
        where TRows : struct, ICostRows
    {
        double minimum = double.PositiveInfinity;
        for (int j = 0; j < shift.Length; j++)
        {
            // As MinNative does: a price that is NaN, of a cost beyond double's range, never wins.
            double price = Priced(rows, i, j, slack, shift[j]);
            if (price < minimum)
                minimum = price;
        }

        return minimum;
    }

    private static double SmallestLane(Vector512<double> vector)
    {
        Vector256<double> four = Vector256.MinNative(vector.GetLower(), vector.GetUpper());
        Vector128<double> two = Vector128.MinNative(four.GetLower(), four.GetUpper());
        return Math.Min(two[0], two[1]);
    }
}

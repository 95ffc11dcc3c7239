using System.Numerics;
using System.Runtime.Intrinsics;

namespace OtEngine.Cpu;

/// <summary>
/// The loops over the columns of one row. Each has a 512-bit, a 256-bit and a scalar form; an element sees the same
/// operations in the same order in all of them, so they agree to the last bit.
/// </summary>
/// <remarks>Every pointer has room for <c>length</c> elements.</remarks>
internal static unsafe class AssignmentKernels
{
    /// <summary>
    /// distance_j = min(distance_j, minimum + c_j - u - v_j), noting the row where it became smaller; returns the least
    /// distance. Columns already scanned have v = -infinity and thus stay at infinity.
    /// </summary>
    public static double Relax(double* costs, double* v, double* distance, int* predecessor, int length, double minimum, double u, int row)
    {
        double least = double.PositiveInfinity;
        int j = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<double> minimums = Vector512.Create(minimum);
            Vector512<double> us = Vector512.Create(u);
            Vector512<double> leasts = Vector512.Create(double.PositiveInfinity);
            Vector256<int> rows = Vector256.Create(row);
            for (; j <= length - 8; j += 8)
            {
                Vector512<double> old = Vector512.Load(distance + j);
                Vector512<double> r = minimums + Vector512.Load(costs + j) - us - Vector512.Load(v + j);
                Vector512<double> shorter = Vector512.LessThan(r, old);
                if (shorter.ExtractMostSignificantBits() != 0)
                {
                    old = Vector512.ConditionalSelect(shorter, r, old);
                    old.Store(distance + j);
                    Vector512<long> wide = shorter.AsInt64();
                    Vector256<int> narrow = Vector256.Narrow(wide.GetLower(), wide.GetUpper());
                    Vector256.ConditionalSelect(narrow, rows, Vector256.Load(predecessor + j)).Store(predecessor + j);
                }

                leasts = Vector512.MinNative(leasts, old);
            }

            Vector256<double> half = Vector256.MinNative(leasts.GetLower(), leasts.GetUpper());
            least = Least(half);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<double> minimums = Vector256.Create(minimum);
            Vector256<double> us = Vector256.Create(u);
            Vector256<double> leasts = Vector256.Create(double.PositiveInfinity);
            Vector128<int> rows = Vector128.Create(row);
            for (; j <= length - 4; j += 4)
            {
                Vector256<double> old = Vector256.Load(distance + j);
                Vector256<double> r = minimums + Vector256.Load(costs + j) - us - Vector256.Load(v + j);
                Vector256<double> shorter = Vector256.LessThan(r, old);
                if (shorter.ExtractMostSignificantBits() != 0)
                {
                    old = Vector256.ConditionalSelect(shorter, r, old);
                    old.Store(distance + j);
                    Vector256<long> wide = shorter.AsInt64();
                    Vector128<int> narrow = Vector128.Narrow(wide.GetLower(), wide.GetUpper());
                    Vector128.ConditionalSelect(narrow, rows, Vector128.Load(predecessor + j)).Store(predecessor + j);
                }

                leasts = Vector256.MinNative(leasts, old);
            }

            least = Least(leasts);
        }

        for (; j < length; j++)
        {
            double r = minimum + costs[j] - u - v[j];
            if (r < distance[j])
            {
                distance[j] = r;
                predecessor[j] = row;
            }

            least = distance[j] < least ? distance[j] : least;
        }

        return least;
    }

    /// <summary>Bit k is set where element k equals the value; at most 64 elements, a multiple of 8.</summary>
    public static ulong EqualMask(double* values, int length, double value)
    {
        ulong mask = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<double> wanted = Vector512.Create(value);
            for (int k = 0; k < length; k += 8)
                mask |= Vector512.Equals(Vector512.Load(values + k), wanted).ExtractMostSignificantBits() << k;
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<double> wanted = Vector256.Create(value);
            for (int k = 0; k < length; k += 4)
                mask |= (ulong)Vector256.Equals(Vector256.Load(values + k), wanted).ExtractMostSignificantBits() << k;
        }
        else
        {
            for (int k = 0; k < length; k++)
                mask |= values[k] == value ? 1ul << k : 0;
        }

        return mask;
    }

    /// <summary>max over j of (u + v_j - c_j) / (|u| + |v_j| + |c_j|), or <paramref name="largest"/> if that is more.</summary>
    public static double Violation(double* costs, double* v, int length, double u, double largest)
    {
        int j = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<double> us = Vector512.Create(u);
            for (; j <= length - 8; j += 8)
            {
                Vector512<double> excess = us + Vector512.Load(v + j) - Vector512.Load(costs + j);
                if (Vector512.GreaterThan(excess, Vector512<double>.Zero).ExtractMostSignificantBits() != 0)
                    largest = ScalarViolation(costs + j, v + j, 8, u, largest);
            }
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<double> us = Vector256.Create(u);
            for (; j <= length - 4; j += 4)
            {
                Vector256<double> excess = us + Vector256.Load(v + j) - Vector256.Load(costs + j);
                if (Vector256.GreaterThan(excess, Vector256<double>.Zero).ExtractMostSignificantBits() != 0)
                    largest = ScalarViolation(costs + j, v + j, 4, u, largest);
            }
        }

        return ScalarViolation(costs + j, v + j, length - j, u, largest);
    }

    private static double ScalarViolation(double* costs, double* v, int length, double u, double largest)
    {
        for (int j = 0; j < length; j++)
        {
            double excess = u + v[j] - costs[j];
            if (excess > 0)
                largest = Math.Max(largest, excess / (Math.Abs(u) + Math.Abs(v[j]) + Math.Abs(costs[j])));
        }

        return largest;
    }

    private static double Least(Vector256<double> values)
    {
        Vector128<double> half = Vector128.MinNative(values.GetLower(), values.GetUpper());
        return Math.Min(half[0], half[1]);
    }
}

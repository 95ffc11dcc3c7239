using System.Numerics;
using OtEngine.Cpu.Simd;

namespace OtEngine.Cpu;

/// <summary>
/// The monotone matching of two sorted sides of one direction, and the memory of one lane for it: pieces of mass a block at a time, whose costs are
/// summed in vectors, and compensated over blocks.
/// </summary>
internal sealed class SlicedMatch(int largestA, int largestB)
{
    private const int Block = 512;

    private readonly double[] _differences = new double[Block];
    private readonly double[] _masses = new double[Block];
    private readonly int[] _ofA = new int[Block];
    private readonly int[] _ofB = new int[Block];
    private readonly long[] _endsA = new long[largestA];
    private readonly long[] _endsB = new long[largestB];

    /// <summary>Atoms of one unit each, as many on both sides.</summary>
    public double Ranks<T>(in SlicedLine<T> a, in SlicedLine<T> b, double unit, double p)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        _masses.AsSpan().Fill(unit);
        CompensatedSum sum = default;
        for (int first = 0; first < a.Positions.Length; first += Block)
        {
            int count = Math.Min(Block, a.Positions.Length - first);
            Span<double> differences = _differences.AsSpan(0, count);
            SlicedCosts.Differences(a.Positions.Slice(first, count), b.Positions.Slice(first, count), differences);
            if (a.HasSlopes || b.HasSlopes)
            {
                for (int k = 0; k < count; k++)
                    AddSlope(a, first + k, b, first + k, SlicedCosts.Slope(differences[k], p) * unit);
            }

            sum.Add(SlicedCosts.Sum(differences, _masses.AsSpan(0, count), p));
        }

        return sum.Value;
    }

    /// <summary>
    /// The k-th unit of mass from the left of a meets the k-th of b: between two ends of atoms, of either side, one piece. Which side ends first
    /// is not to be foretold, so that nothing branches on it.
    /// </summary>
    public double Pieces<T>(in SlicedLine<T> a, in SlicedLine<T> b, double unit, double p)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<long> endsA = a.Ends(_endsA);
        ReadOnlySpan<long> endsB = b.Ends(_endsB);
        ReadOnlySpan<T> positionsA = a.Positions;
        ReadOnlySpan<T> positionsB = b.Positions;
        Span<double> masses = _masses;
        Span<double> differences = _differences;
        bool hasSlopes = a.HasSlopes || b.HasSlopes;
        CompensatedSum sum = default;
        int k = 0;
        int l = 0;
        long at = 0;

        // Sides have equal totals of units, so that what is left of one when the other ends is atoms without mass.
        while (k < endsA.Length && l < endsB.Length)
        {
            int count = 0;
            for (; count < Block && k < endsA.Length && l < endsB.Length; count++)
            {
                long endA = endsA[k];
                long endB = endsB[l];
                long end = Math.Min(endA, endB);
                masses[count] = (end - at) * unit;
                differences[count] = double.CreateTruncating(positionsA[k]) - double.CreateTruncating(positionsB[l]);
                if (hasSlopes)
                    (_ofA[count], _ofB[count]) = (k, l);
                at = end;
                int isA = endA <= endB ? 1 : 0;
                k += isA;
                l += 1 - isA;
            }

            for (int piece = 0; hasSlopes && piece < count; piece++)
            {
                if (masses[piece] != 0)
                    AddSlope(a, _ofA[piece], b, _ofB[piece], SlicedCosts.Slope(differences[piece], p) * masses[piece]);
            }

            sum.Add(SlicedCosts.Sum(differences[..count], masses[..count], p));
        }

        return sum.Value;
    }

    private static void AddSlope<T>(in SlicedLine<T> a, int k, in SlicedLine<T> b, int l, double slope)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (a.HasSlopes)
            a.Slopes[a.Order[k]] += slope;
        if (b.HasSlopes)
            b.Slopes[b.Order[l]] -= slope;
    }
}

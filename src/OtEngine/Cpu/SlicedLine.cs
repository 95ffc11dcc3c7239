using System.Numerics;

namespace OtEngine.Cpu;

/// <summary>One side along one direction, in ascending order of position.</summary>
internal readonly ref struct SlicedLine<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public required ReadOnlySpan<T> Positions { get; init; }

    /// <summary>The atom at each place; not filled in where nothing asks for it.</summary>
    public required ReadOnlySpan<int> Order { get; init; }

    /// <summary>Units by atom; empty where each has <see cref="Mass"/>.</summary>
    public required ReadOnlySpan<long> Masses { get; init; }

    public required long Mass { get; init; }

    /// <summary>By atom, zeros to add to; empty where not wanted.</summary>
    public required Span<double> Slopes { get; init; }

    public bool HasSlopes => !Slopes.IsEmpty;

    /// <summary>Running sums of units.</summary>
    public ReadOnlySpan<long> Ends(long[] memory)
    {
        Span<long> ends = memory.AsSpan(0, Positions.Length);
        long sum = 0;
        for (int k = 0; k < ends.Length; k++)
        {
            sum += Masses.IsEmpty ? Mass : Masses[Order[k]];
            ends[k] = sum;
        }

        return ends;
    }
}

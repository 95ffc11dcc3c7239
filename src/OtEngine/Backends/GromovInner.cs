using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>What <see cref="Backend.GromovConstants"/> sums over one square matrix of inner costs. Blittable: <c>ot::gromov_inner</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct GromovInner
{
    /// <summary>What keeps the logarithm of a cost of zero finite: the KL loss is x ln((x + s) / (y + s)) - x + y.</summary>
    public const double Shift = 1e-15;

    /// <summary>Rows and columns.</summary>
    public required int Size { get; init; }

    /// <summary>Which f.</summary>
    public required GromovFunction Function { get; init; }

    /// <summary>Offset of the matrix.</summary>
    public required long Costs { get; init; }

    /// <summary>Offset of the weights, and of the sums.</summary>
    public required long Weights { get; init; }

    /// <summary>Throws unless matrix and vectors lie within buffers of these lengths.</summary>
    public void RequireWithin(long costs, long vectors)
    {
        Require(Costs, (long)Size * Size, costs);
        Require(Weights, Size, vectors);

        static void Require(long offset, long count, long length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, length - count);
        }
    }
}

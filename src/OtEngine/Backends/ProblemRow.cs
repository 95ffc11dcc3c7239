using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>
/// One problem of a table: which geometry, read which way round, and where its weights and potentials lie in the
/// table's flat buffers. Weights (and their logarithms) may be shared between rows; potentials never are.
/// Blittable: a device backend uploads rows as they are.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ProblemRow
{
    /// <summary>Index into the table's geometries.</summary>
    public required int Geometry { get; init; }

    /// <summary>Nonzero when the geometry is read with sides exchanged: C[j, i] in place of C[i, j].</summary>
    public required int Transposed { get; init; }

    /// <summary>n: atoms of side a, after transposition.</summary>
    public required int Rows { get; init; }

    /// <summary>m: atoms of side b, after transposition.</summary>
    public required int Columns { get; init; }

    /// <summary>Offset of the n weights of side a; the same offset holds for log-weights.</summary>
    public required long WeightsA { get; init; }

    /// <summary>Offset of the m weights of side b.</summary>
    public required long WeightsB { get; init; }

    /// <summary>Offset of the n double potentials f.</summary>
    public required long PotentialsA { get; init; }

    /// <summary>Offset of the m double potentials g.</summary>
    public required long PotentialsB { get; init; }
}

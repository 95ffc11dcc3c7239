using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>
/// One assignment problem of a batch: at most as many rows as columns, costs to be minimized, row-major without gaps, plus infinity for a
/// forbidden pair. Blittable: <c>ot::assignment_problem</c> of kernels/assignment.cu.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AssignmentProblem
{
    /// <summary>Rows, at least 0.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns, at least as many as rows.</summary>
    public required int Columns { get; init; }

    /// <summary>Offset of the costs in their buffer.</summary>
    public required long Costs { get; init; }

    /// <summary>Offset of the column of each row in the buffer of matchings.</summary>
    public required long Matching { get; init; }

    /// <summary>Offset of u, and v behind it, in the buffer of potentials.</summary>
    public required long Potentials { get; init; }

    /// <summary>Throws unless the problem is one and all it names lies within buffers of these lengths.</summary>
    public void RequireWithin(long costs, long matchings, long potentials)
    {
        RequireShape(Rows, Columns);
        Require(Costs, (long)Rows * Columns, costs);
        Require(Matching, Rows, matchings);
        Require(Potentials, (long)Rows + Columns, potentials);

        static void RequireShape(int rows, int columns)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(rows);
            ArgumentOutOfRangeException.ThrowIfLessThan(columns, rows);
        }

        static void Require(long offset, long count, long length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, length - count);
        }
    }
}

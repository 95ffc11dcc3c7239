using System.Runtime.InteropServices;

namespace OtEngine.Backends;

/// <summary>
/// One product of a batch: C = alpha op(A) op(B) + beta C, matrices row-major without gaps, each at its place in a buffer. Blittable:
/// <c>ot::matrix_product</c> of kernels/multiply.cu.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct MatrixProduct
{
    /// <summary>Rows of op(A) and of C.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of op(B) and of C.</summary>
    public required int Columns { get; init; }

    /// <summary>Columns of op(A), rows of op(B); where it is zero, C = beta C.</summary>
    public required int Inner { get; init; }

    /// <summary>Nonzero when op(A) is the transpose of A, which then is Inner x Rows.</summary>
    public int TransposedA { get; init; }

    /// <summary>Nonzero when op(B) is the transpose of B, which then is Columns x Inner.</summary>
    public int TransposedB { get; init; }

    /// <summary>Zero; what follows is aligned to eight bytes.</summary>
    public int Reserved { get; }

    /// <summary>Offset of A in its buffer.</summary>
    public required long A { get; init; }

    /// <summary>Offset of B in its buffer.</summary>
    public required long B { get; init; }

    /// <summary>Offset of C in its buffer; no product reads or writes what another one writes.</summary>
    public required long C { get; init; }

    /// <summary>The factor of the product; rounded to the elements' type.</summary>
    public required double Alpha { get; init; }

    /// <summary>The factor of what C holds; zero does not read it.</summary>
    public double Beta { get; init; }

    /// <summary>Throws unless all three matrices lie within buffers of these lengths.</summary>
    public void RequireWithin(long lengthA, long lengthB, long lengthC)
    {
        Require(A, Rows, Inner, lengthA);
        Require(B, Inner, Columns, lengthB);
        Require(C, Rows, Columns, lengthC);

        static void Require(long offset, int rows, int columns, long length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(rows);
            ArgumentOutOfRangeException.ThrowIfNegative(columns);
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, length - ((long)rows * columns));
        }
    }
}

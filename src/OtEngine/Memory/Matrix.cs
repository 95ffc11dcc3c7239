using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;

namespace OtEngine;

/// <summary>Dense row-major copies of what users hand in as tensors and arrays.</summary>
internal static class Matrix
{
    /// <summary>A tensor of rank 2 as a row-major array; one of rank 1 is a single column.</summary>
    public static T[] Copy<T>(in ReadOnlyTensorSpan<T> tensor, string what, out int rows, out int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (tensor.Rank is not (1 or 2))
            Throw.Problem(ProblemError.ShapeMismatch, string.Create(CultureInfo.InvariantCulture, $"{what} has rank {tensor.Rank}; a matrix (rank 2) or a vector (rank 1) is needed."));
        nint first = tensor.Lengths[0];
        nint second = tensor.Rank == 2 ? tensor.Lengths[1] : 1;
        int count = Sizes.Product(what, first, second, "split the input");
        if (count == 0)
            Throw.Empty(what);
        rows = (int)first;
        columns = (int)second;
        T[] copy = new T[count];
        tensor.FlattenTo(copy);
        return copy;
    }

    public static T[] CopyWithColumns<T>(in ReadOnlyTensorSpan<T> tensor, string what, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] copy = Copy(tensor, what, out int rows, out int actual);
        if (actual != columns)
            Throw.ShapeMismatch($"A row of {what}", actual, columns, $"as in x; {what} has {rows} rows");
        return copy;
    }

    /// <summary>A rectangular array as a row-major one.</summary>
    public static T[] Copy<T>(T[,] matrix, string what)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (matrix.Length == 0)
            Throw.Empty(what);
        T[] copy = new T[Sizes.Product(what, matrix.GetLength(0), matrix.GetLength(1), "split the input")];
        int columns = matrix.GetLength(1);
        for (int i = 0; i < copy.Length; i++)
            copy[i] = matrix[i / columns, i % columns];
        return copy;
    }

    /// <summary>The transpose of a row-major matrix, tile by tile.</summary>
    public static void Transpose<T>(ReadOnlySpan<T> matrix, int rows, int columns, Span<T> transpose)
        where T : unmanaged
    {
        const int Tile = 32;
        for (int firstRow = 0; firstRow < rows; firstRow += Tile)
        {
            for (int firstColumn = 0; firstColumn < columns; firstColumn += Tile)
            {
                for (int i = firstRow; i < Math.Min(rows, firstRow + Tile); i++)
                {
                    for (int j = firstColumn; j < Math.Min(columns, firstColumn + Tile); j++)
                        transpose[(j * rows) + i] = matrix[(i * columns) + j];
                }
            }
        }
    }
}

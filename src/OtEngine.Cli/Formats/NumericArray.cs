using System.Globalization;

namespace OtEngine.Cli.Formats;

/// <summary>An array of numbers read from a file: doubles in row-major order, whatever the file held.</summary>
internal sealed class NumericArray
{
    private readonly int[] _shape;
    private readonly int[]? _lines;

    /// <summary>Gives numbers a shape.</summary>
    /// <param name="name">The file as the user named it, for messages.</param>
    /// <param name="values">The numbers, row-major; as many as the product of <paramref name="shape"/>.</param>
    /// <param name="shape">The lengths of the axes, outermost first; empty for a single number.</param>
    /// <param name="typeName">What the file held, in NumPy's words (<c>int16</c>); <c>text</c> for CSV.</param>
    /// <param name="lines">Of a text, the line of each row as an editor counts; null where there are no lines.</param>
    public NumericArray(string name, double[] values, int[] shape, string typeName, int[]? lines = null)
    {
        if (CountElements(shape) != values.Length)
            throw new ArgumentException($"{values.Length} values do not fill the shape {Describe(shape)}.", nameof(values));

        Name = name;
        Values = values;
        _shape = shape;
        _lines = lines;
        TypeName = typeName;
    }

    /// <summary>The file as the user named it.</summary>
    public string Name { get; }

    /// <summary>The numbers, row-major.</summary>
    public double[] Values { get; }

    /// <summary>The lengths of the axes, outermost first; empty for a single number.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>What the file held, in NumPy's words; <c>text</c> for CSV.</summary>
    public string TypeName { get; }

    /// <summary>The number of axes.</summary>
    public int Rank => _shape.Length;

    /// <summary>The values of a vector: n, n x 1, 1 x n, or a single number.</summary>
    /// <exception cref="InputFileException">The array has another shape.</exception>
    public double[] AsVector() => (_shape is [] or [_] or [_, 1] or [1, _])
        ? Values
        : throw new InputFileException(Name, $"has shape {Describe(_shape)}; a vector (n, n x 1 or 1 x n) is needed");

    /// <summary>
    /// Rows and columns of a matrix. A vector of n counts as n x 1: n points on the line. A single number counts as 1 x 1.
    /// </summary>
    /// <exception cref="InputFileException">The array has more than two axes.</exception>
    public (int Rows, int Columns) AsMatrix() => _shape switch
    {
        [] => (1, 1),
        [int n] => (n, 1),
        [int rows, int columns] => (rows, columns),
        _ => throw new InputFileException(Name, $"has shape {Describe(_shape)}; a matrix of rows x columns is needed"),
    };

    /// <summary>
    /// Where a value stands, for messages: rows and columns counted from 1, those of a text as an editor counts its lines; beside
    /// it the element as NumPy counts it, from 0.
    /// </summary>
    /// <param name="position">The value's index in <see cref="Values"/>.</param>
    public string PlaceOf(int position)
    {
        if (_lines is not null)
            return $"row {RowNumber(position / _shape[1])}, column {(position % _shape[1]) + 1}";

        int[] index = IndexOf(position, _shape);
        string element = $"element [{string.Join(", ", index)}]";
        return index.Length switch
        {
            1 => $"row {RowNumber(index[0])} ({element})",
            2 => $"row {RowNumber(index[0])}, column {index[1] + 1} ({element})",
            _ => element,
        };
    }

    /// <summary>What messages call row <paramref name="row"/>: the line of a text as an editor counts, else one more.</summary>
    public int RowNumber(int row) => _lines is null ? row + 1 : _lines[row];

    /// <summary>The index along each axis of a position in row-major order.</summary>
    public static int[] IndexOf(int position, ReadOnlySpan<int> shape)
    {
        var index = new int[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--)
            (position, index[axis]) = Math.DivRem(position, shape[axis]);
        return index;
    }

    /// <summary>The product of the lengths; beyond 2^31 it is only known to be that large, so it never overflows.</summary>
    public static long CountElements(ReadOnlySpan<int> shape)
    {
        if (shape.Contains(0))
            return 0;

        long count = 1;
        foreach (int length in shape)
            count = count > int.MaxValue ? count : count * length;
        return count;
    }

    /// <summary>A shape as people write it: <c>3 x 4</c>; <c>()</c> for a single number.</summary>
    public static string Describe(ReadOnlySpan<int> shape)
    {
        if (shape.IsEmpty)
            return "()";

        var lengths = new string[shape.Length];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = shape[i].ToString(CultureInfo.InvariantCulture);
        return string.Join(" x ", lengths);
    }
}

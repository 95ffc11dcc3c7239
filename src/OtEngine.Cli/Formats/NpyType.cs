using System.Globalization;

namespace OtEngine.Cli.Formats;

/// <summary>The kinds of numbers of an <c>.npy</c> file that have a double for every value, or say where they have not.</summary>
internal enum NpyKind
{
    Boolean,
    Signed,
    Unsigned,
    Float,
}

/// <summary>The element type of an <c>.npy</c> file: NumPy's <c>descr</c>, such as <c>&lt;f8</c>.</summary>
internal readonly record struct NpyType(NpyKind Kind, int Size, bool IsBigEndian)
{
    /// <summary>NumPy's name of the type, such as <c>float32</c>.</summary>
    public string Name => Kind switch
    {
        NpyKind.Boolean => "bool",
        NpyKind.Signed => string.Create(CultureInfo.InvariantCulture, $"int{8 * Size}"),
        NpyKind.Unsigned => string.Create(CultureInfo.InvariantCulture, $"uint{8 * Size}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"float{8 * Size}"),
    };

    /// <summary>Reads a <c>descr</c> string; types without an exact meaning as a double are refused by name.</summary>
    /// <exception cref="InputFileException">The type is unknown, or is complex, text, an object, a record, a date or a long double.</exception>
    public static NpyType Parse(string descr, string name)
    {
        char order = descr.Length > 0 && descr[0] is '<' or '>' or '|' or '=' ? descr[0] : '\0';
        ReadOnlySpan<char> code = descr.AsSpan(order == '\0' ? 0 : 1);
        if (code.IsEmpty)
            throw Unknown(descr, name);

        string? refused = code switch
        {
            ['c', ..] => "complex numbers",
            ['O', ..] => "Python objects",
            ['S' or 'a', ..] => "byte strings",
            ['U', ..] => "strings",
            ['V', ..] => "records or raw bytes",
            ['M', ..] => "dates",
            ['m', ..] => "time differences",
            "f10" or "f12" or "f16" => "long doubles",
            _ => null,
        };
        if (refused is not null)
        {
            throw new InputFileException(
                name,
                $"holds {refused} (dtype {InputFileException.Quote(descr)}); save real numbers, for example array.astype('float64')");
        }

        (NpyKind kind, int size) = code switch
        {
            "b1" or "?" => (NpyKind.Boolean, 1),
            "i1" => (NpyKind.Signed, 1),
            "i2" => (NpyKind.Signed, 2),
            "i4" => (NpyKind.Signed, 4),
            "i8" => (NpyKind.Signed, 8),
            "u1" => (NpyKind.Unsigned, 1),
            "u2" => (NpyKind.Unsigned, 2),
            "u4" => (NpyKind.Unsigned, 4),
            "u8" => (NpyKind.Unsigned, 8),
            "f2" => (NpyKind.Float, 2),
            "f4" => (NpyKind.Float, 4),
            "f8" => (NpyKind.Float, 8),
            _ => throw Unknown(descr, name),
        };

        // A file that leaves the order of several bytes open means whatever its writer's machine did: not readable for certain.
        if (size > 1 && order is not ('<' or '>'))
            throw new InputFileException(name, $"dtype {InputFileException.Quote(descr)} does not say its byte order; '<' or '>' must come first");

        return new NpyType(kind, size, order == '>');
    }

    private static InputFileException Unknown(string descr, string name) => new(
        name,
        $"dtype {InputFileException.Quote(descr)} is unknown; bool, int8 to int64, uint8 to uint64, float16, float32 and float64 are read");
}

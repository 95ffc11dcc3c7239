using System.Text;

namespace OtEngine.Cli.Formats;

/// <summary>
/// Reads the dictionary of an <c>.npy</c> header. Only what NumPy can write is taken: the three keys, each once, in any order,
/// then padding, and a comment (<c># text</c>), which Python skips and <see cref="ResumableMatrix"/> uses.
/// </summary>
internal ref struct NpyHeaderParser(ReadOnlySpan<byte> text, string name)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly string _name = name;
    private int _at;

    /// <summary>Reads the whole text.</summary>
    /// <exception cref="InputFileException">The text is not such a dictionary.</exception>
    public NpyHeader Parse(long dataOffset)
    {
        NpyType? type = null;
        bool? fortranOrder = null;
        int[]? shape = null;

        Expect('{');
        while (!TryTake('}'))
        {
            string key = ParseString();
            Expect(':');
            bool isRepeated = key switch
            {
                "descr" => type is not null,
                "fortran_order" => fortranOrder is not null,
                "shape" => shape is not null,
                _ => throw Damaged($"has the key {InputFileException.Quote(key)}; 'descr', 'fortran_order' and 'shape' are the keys"),
            };
            if (isRepeated)
                throw Damaged($"has the key '{key}' twice");

            if (key == "descr")
                type = ParseType();
            else if (key == "fortran_order")
                fortranOrder = ParseBoolean();
            else
                shape = ParseShape();

            if (!TryTake(','))
            {
                Expect('}');
                break;
            }
        }

        string comment = ParseEnd();
        return new NpyHeader(
            type ?? throw Damaged("lacks the key 'descr'"),
            fortranOrder ?? throw Damaged("lacks the key 'fortran_order'"),
            shape ?? throw Damaged("lacks the key 'shape'"),
            comment,
            dataOffset);
    }

    private NpyType ParseType()
    {
        SkipBlanks();
        if (_at < _text.Length && _text[_at] is (byte)'[' or (byte)'(' or (byte)'{')
            throw new InputFileException(_name, "holds structured records; save one field of it, for example array['x'].astype('float64')");

        return NpyType.Parse(ParseString(), _name);
    }

    private bool ParseBoolean()
    {
        SkipBlanks();
        ReadOnlySpan<byte> rest = _text[_at..];
        bool value = rest.StartsWith("True"u8);
        if (!value && !rest.StartsWith("False"u8))
            throw Damaged("must have True or False for 'fortran_order'");

        _at += value ? 4 : 5;
        return value;
    }

    private int[] ParseShape()
    {
        var shape = new List<int>();
        Expect('(');
        while (!TryTake(')'))
        {
            shape.Add(ParseDimension());
            if (shape.Count > NpyHeader.MaxRank)
                throw Damaged($"has more than {NpyHeader.MaxRank} axes");

            if (!TryTake(','))
            {
                Expect(')');
                break;
            }
        }

        return [.. shape];
    }

    private int ParseDimension()
    {
        SkipBlanks();
        if (_at < _text.Length && _text[_at] == (byte)'-')
            throw Damaged("has a negative length in its shape");

        int start = _at;
        long value = 0;
        while (_at < _text.Length && _text[_at] is >= (byte)'0' and <= (byte)'9')
        {
            value = (value * 10) + (_text[_at++] - '0');
            if (value > int.MaxValue)
                throw Damaged($"has a length in its shape beyond {int.MaxValue}");
        }

        if (_at == start)
            throw Damaged($"must have a whole number at byte {_at} of its dictionary");

        // Python 2 marked long integers so.
        if (_at < _text.Length && _text[_at] == (byte)'L')
            _at++;
        return (int)value;
    }

    private string ParseString()
    {
        SkipBlanks();
        if (_at >= _text.Length || _text[_at] is not ((byte)'\'' or (byte)'"'))
            throw Damaged($"must have a quoted string at byte {_at} of its dictionary");

        byte quote = _text[_at++];
        int length = _text[_at..].IndexOf(quote);
        if (length < 0)
            throw Damaged("has a string without an end");

        string value = Encoding.Latin1.GetString(_text.Slice(_at, length));
        _at += length + 1;
        return value;
    }

    private string ParseEnd()
    {
        string comment = "";
        if (TryTake('#'))
        {
            comment = Encoding.Latin1.GetString(_text[_at..]).Trim();
            _at = _text.Length;
        }

        SkipBlanks();
        return _at == _text.Length ? comment : throw Damaged($"goes on after its dictionary, at byte {_at}");
    }

    private void Expect(char c)
    {
        if (!TryTake(c))
            throw Damaged($"must have '{c}' at byte {_at} of its dictionary");
    }

    private bool TryTake(char c)
    {
        SkipBlanks();
        if (_at >= _text.Length || _text[_at] != c)
            return false;

        _at++;
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            _at++;
    }

    private readonly InputFileException Damaged(string what) => new(_name, $"the .npy header {what}");
}

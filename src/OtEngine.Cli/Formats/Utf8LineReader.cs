namespace OtEngine.Cli.Formats;

/// <summary>Reads a stream of UTF-8 text line by line without making strings. Lines end with LF or CR LF.</summary>
internal sealed class Utf8LineReader(Stream stream, string name)
{
    /// <summary>The longest line that is read: ten million numbers and more.</summary>
    public const int MaxLineBytes = 1 << 28;

    private byte[] _buffer = new byte[1 << 14];
    private int _start;
    private int _end;
    private bool _isAtEnd;

    /// <summary>The number of the line read last, as an editor counts them; 0 before the first.</summary>
    public int LineNumber { get; private set; }

    /// <summary>Gives the next line, valid until the next call.</summary>
    /// <exception cref="InputFileException">The line is longer than <see cref="MaxLineBytes"/>.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            ReadOnlySpan<byte> pending = _buffer.AsSpan(_start, _end - _start);
            int length = pending[searched..].IndexOf((byte)'\n');
            if (length >= 0)
            {
                length += searched;
                line = pending[..length];
                _start += length + 1;
                break;
            }

            searched = pending.Length;
            if (_isAtEnd)
            {
                line = pending;
                _start = _end;
                if (line.IsEmpty)
                    return false;
                break;
            }

            Fill();
        }

        LineNumber++;
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        return true;
    }

    private void Fill()
    {
        int pending = _end - _start;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, pending).CopyTo(_buffer);
            (_start, _end) = (0, pending);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaxLineBytes)
                throw new InputFileException(name, $"row {LineNumber + 1} is longer than {MaxLineBytes} bytes; is this a text file?");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int count = stream.Read(_buffer, _end, _buffer.Length - _end);
        _isAtEnd = count == 0;
        _end += count;
    }
}

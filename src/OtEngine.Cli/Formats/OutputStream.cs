namespace OtEngine.Cli.Formats;

/// <summary>
/// A file being written whose failures, such as a full disk, name the file. Nothing is buffered, so that closing cannot fail.
/// </summary>
/// <param name="path">The file as the user named it.</param>
/// <param name="target">The file that is really written.</param>
/// <param name="mode">How it is opened.</param>
internal sealed class OutputStream(string path, string target, FileMode mode) : Stream
{
    private readonly FileStream _file = new(target, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public override bool CanRead => false;

    // ZIP entries get their lengths in place afterwards, which more readers understand than lengths that follow the data.
    public override bool CanSeek => _file.CanSeek;

    public override bool CanWrite => _file.CanWrite;

    public override long Length => _file.Length;

    public override long Position
    {
        get => _file.Position;
        set => _file.Position = value;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _file.Write(buffer);
        }
        catch (IOException e)
        {
            throw OutputFile.Failure(path, e);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override long Seek(long offset, SeekOrigin origin) => _file.Seek(offset, origin);

    public override void SetLength(long value) => _file.SetLength(value);

    public override void Flush() => _file.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }
}

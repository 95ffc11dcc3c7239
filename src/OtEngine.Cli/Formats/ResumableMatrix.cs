using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OtEngine.Cli.Formats;

/// <summary>
/// An <c>.npy</c> matrix of float64 that is filled in place over several runs: NaN marks what is still to be computed. The file is
/// complete and readable by NumPy at any time. A fingerprint of inputs and options stands in the header as a comment, so that
/// a file begun with others is not continued by mistake.
/// </summary>
internal sealed class ResumableMatrix : IDisposable
{
    private const string CommentPrefix = "inputs ";
    private const int LongestFingerprint = 128;

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly long _dataOffset;

    private ResumableMatrix(string path, long dataOffset, int rows, int columns, bool isFingerprinted)
    {
        _path = path;
        _handle = OpenToWrite(path);
        _dataOffset = dataOffset;
        Rows = rows;
        Columns = columns;
        IsFingerprinted = isFingerprinted;
    }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>
    /// False where the file was found without a fingerprint, as NumPy saves it: that it belongs to the inputs is then the user's word.
    /// </summary>
    public bool IsFingerprinted { get; }

    /// <summary>Opens the file to continue it, or creates it full of NaN.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">The rows it has or gets.</param>
    /// <param name="columns">The columns it has or gets.</param>
    /// <param name="fingerprint">A digest of all inputs and options: 1 to 128 letters, digits, '-', ':' or '_'.</param>
    /// <exception cref="InputFileException">
    /// The file exists with another shape, type, order or fingerprint, is in use, or cannot be written.
    /// </exception>
    public static ResumableMatrix OpenOrCreate(string path, int rows, int columns, string fingerprint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        if (fingerprint.Length is 0 or > LongestFingerprint || !fingerprint.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or ':' or '_'))
            throw new ArgumentException($"A fingerprint is 1 to {LongestFingerprint} letters, digits, '-', ':' or '_', not '{fingerprint}'.", nameof(fingerprint));

        if (!File.Exists(path))
            Create(path, rows, columns, fingerprint);

        NpyHeader header = InputFile.Read(path, (stream, length) => NpyHeader.Read(stream, length, path, ReadLimits.Default));
        bool isFingerprinted = Check(header, path, rows, columns, fingerprint);
        return new ResumableMatrix(path, header.DataOffset, rows, columns, isFingerprinted);
    }

    /// <summary>Reads part of a row, from <paramref name="column"/> on.</summary>
    /// <exception cref="InputFileException">The file cannot be read any more.</exception>
    public void Read(int row, int column, Span<double> values)
    {
        long offset = OffsetOf(row, column, values.Length);
        Span<byte> bytes = MemoryMarshal.AsBytes(values);
        while (!bytes.IsEmpty)
        {
            int count = RandomAccess.Read(_handle, bytes, offset);
            if (count == 0)
                throw new InputFileException(_path, "was cut short while it was in use; delete it to start anew");
            bytes = bytes[count..];
            offset += count;
        }
    }

    /// <summary>Writes part of a row, from <paramref name="column"/> on.</summary>
    /// <exception cref="InputFileException">The file cannot be written any more.</exception>
    public void Write(int row, int column, ReadOnlySpan<double> values)
    {
        try
        {
            RandomAccess.Write(_handle, MemoryMarshal.AsBytes(values), OffsetOf(row, column, values.Length));
        }
        catch (IOException e)
        {
            throw OutputFile.Failure(_path, e);
        }
    }

    /// <summary>Hands everything written to the disk, so that a loss of power does not take it back.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_handle);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private static void Create(string path, int rows, int columns, string fingerprint)
    {
        using OutputFile file = OutputFile.Create(path);
        file.Stream.Write(NpyWriter.CreateHeader<double>([rows, columns], CommentPrefix + fingerprint));
        var row = new double[columns];
        row.AsSpan().Fill(double.NaN);
        for (int i = 0; i < rows; i++)
            file.Stream.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        file.Commit();
    }

    private static bool Check(NpyHeader header, string path, int rows, int columns, string fingerprint)
    {
        const string Remedy = "delete it to start anew, or choose another output";
        if (!header.Shape.AsSpan().SequenceEqual([rows, columns]))
            throw new InputFileException(path, $"exists with the shape {NumericArray.Describe(header.Shape)}, not {rows} x {columns}; {Remedy}");
        if (header.Type != new NpyType(NpyKind.Float, 8, IsBigEndian: false) || header.IsFortranOrder)
            throw new InputFileException(path, $"exists, but not as little-endian float64 in C order, so it cannot be continued; {Remedy}");
        if (!header.Comment.StartsWith(CommentPrefix, StringComparison.Ordinal))
            return false;
        if (header.Comment[CommentPrefix.Length..] != fingerprint)
            throw new InputFileException(path, $"was computed from other inputs or options; {Remedy}");

        return true;
    }

    private static SafeFileHandle OpenToWrite(string path)
    {
        try
        {
            // Two writers at once would spoil each other's rows. Elsewhere than on Windows this locks other runs out, not other programs.
            return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutputFile.Failure(path, e);
        }
    }

    private long OffsetOf(int row, int column, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(column + (long)count, Columns, nameof(count));
        return _dataOffset + (sizeof(double) * (((long)row * Columns) + column));
    }
}

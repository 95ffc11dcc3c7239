using System.IO.Compression;

namespace OtEngine.Cli.Formats;

/// <summary>
/// Writes an <c>.npz</c> archive of deflated <c>.npy</c> entries. <see cref="Commit"/> puts it in place; without that it is deleted.
/// </summary>
internal sealed class NpzWriter : IDisposable
{
    // ZIP keeps a time; a fixed one makes the same arrays give the same file.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly OutputFile _file;
    private readonly ZipArchive _archive;

    /// <summary>Starts an archive.</summary>
    /// <param name="path">The archive to write.</param>
    /// <exception cref="InputFileException">The file cannot be created.</exception>
    public NpzWriter(string path)
    {
        _file = OutputFile.Create(path);
        _archive = new ZipArchive(_file.Stream, ZipArchiveMode.Create, leaveOpen: true);
    }

    /// <summary>Adds an array under a name, without <c>.npy</c>.</summary>
    public void Add<T>(string arrayName, ReadOnlySpan<T> values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        ZipArchiveEntry entry = _archive.CreateEntry($"{arrayName}.npy", CompressionLevel.Optimal);
        entry.LastWriteTime = EntryTime;
        using Stream stream = entry.Open();
        NpyWriter.Write(stream, values, shape);
    }

    /// <summary>Completes the archive and gives it its name.</summary>
    /// <exception cref="InputFileException">The file cannot be put there.</exception>
    public void Commit()
    {
        _archive.Dispose();
        _file.Commit();
    }

    /// <summary>Deletes what was written unless it was committed.</summary>
    public void Dispose()
    {
        using (_file)
        {
            if (_file.Stream.CanWrite)
                _archive.Dispose();
        }
    }
}

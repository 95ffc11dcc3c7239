namespace OtEngine.Cli.Formats;

/// <summary>Opens files to read, and turns every way this can fail into an <see cref="InputFileException"/>.</summary>
internal static class InputFile
{
    /// <summary>Opens <paramref name="path"/> and gives the stream and its length to <paramref name="read"/>.</summary>
    /// <exception cref="InputFileException">The file is missing, a directory, a pipe, not permitted, or failed while it was read.</exception>
    public static T Read<T>(string path, Func<Stream, long, T> read)
    {
        using FileStream stream = Open(path);
        if (!stream.CanSeek)
            throw new InputFileException(path, "is a pipe or a device; its length must be known, so save it to a regular file first");

        try
        {
            return read(stream, stream.Length);
        }
        catch (IOException e)
        {
            throw new InputFileException(path, $"cannot be read: {e.Message}", e);
        }
    }

    private static FileStream Open(string path)
    {
        if (path.Length == 0)
            throw new InputFileException("''", "a file name is empty; name a file");
        if (Directory.Exists(path))
            throw new InputFileException(path, "is a directory; name a file");

        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputFileException(path, "does not exist; check the name and the working directory", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InputFileException(path, "may not be read (permission denied); change its permissions", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            throw new InputFileException(path, $"cannot be opened: {e.Message}", e);
        }
    }
}

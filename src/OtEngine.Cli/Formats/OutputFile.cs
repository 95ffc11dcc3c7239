namespace OtEngine.Cli.Formats;

/// <summary>
/// A file being written under a temporary name beside its target. <see cref="Commit"/> gives it its name; without that, disposing
/// deletes it. So a half-written file never bears the final name, and a file of that name stays until the new one is complete.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private readonly string _target;
    private readonly string? _temporary;

    private OutputFile(string path, string target, string? temporary, FileStream stream)
    {
        _path = path;
        _target = target;
        _temporary = temporary;
        Stream = stream;
    }

    /// <summary>What is written so far; at its start after <see cref="Create"/>.</summary>
    public FileStream Stream { get; }

    /// <summary>Starts a file. Links are followed; devices such as <c>/dev/null</c> are written to directly.</summary>
    /// <exception cref="InputFileException">The folder is missing, or must not be written to.</exception>
    public static OutputFile Create(string path)
    {
        if (path.Length == 0)
            throw new InputFileException("''", "an output's name is empty; name a file");
        if (Directory.Exists(path))
            throw new InputFileException(path, "is a directory; name a file to write");

        return Guard(path, () =>
        {
            if (IsDevice(path))
                return new OutputFile(path, path, null, new FileStream(path, FileMode.Open, FileAccess.Write));

            var named = new FileInfo(path);
            string target = named.LinkTarget is null ? named.FullName : named.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            string temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
            var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16);
            return new OutputFile(path, target, temporary, stream);
        });
    }

    /// <summary>Writes a whole text file in UTF-8 without a byte order mark.</summary>
    /// <exception cref="InputFileException">The file cannot be written.</exception>
    public static void WriteText(string path, string text)
    {
        using OutputFile file = Create(path);
        file.Stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        file.Commit();
    }

    /// <summary>Puts the finished file in its place. Nothing can be written to it after that.</summary>
    /// <exception cref="InputFileException">The file cannot be put there.</exception>
    public void Commit() => Guard(_path, () =>
    {
        Stream.Dispose();
        if (_temporary is not null)
            File.Move(_temporary, _target, overwrite: true);
        return true;
    });

    /// <summary>Deletes what was written unless it was committed.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        if (_temporary is not null)
            File.Delete(_temporary);
    }

    // Renaming a regular file onto a device would replace the device.
    private static bool IsDevice(string path) =>
        OperatingSystem.IsLinux() && File.Exists(path) && Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal)
        && !Path.GetFullPath(path).StartsWith("/dev/shm/", StringComparison.Ordinal);

    private static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (DirectoryNotFoundException e)
        {
            throw new InputFileException(path, "cannot be written: its folder does not exist; create it first", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InputFileException(path, "may not be written (permission denied); choose another place", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            throw new InputFileException(path, $"cannot be written: {e.Message}", e);
        }
    }
}

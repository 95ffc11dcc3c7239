using System.Text;

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

    private OutputFile(string path, string target, string? temporary)
    {
        _path = path;
        _target = target;
        _temporary = temporary;
        Stream = temporary is null
            ? new OutputStream(path, target, FileMode.Open)
            : new OutputStream(path, temporary, FileMode.CreateNew);
    }

    /// <summary>What is written so far; its failures are <see cref="InputFileException"/> too.</summary>
    public Stream Stream { get; }

    /// <summary>Starts a file. Links are followed; devices such as <c>/dev/null</c> are written to directly.</summary>
    /// <exception cref="InputFileException">The folder is missing, or must not be written to.</exception>
    public static OutputFile Create(string path)
    {
        if (path.Length == 0)
            throw new InputFileException("''", "an output's name is empty; name a file");
        if (Directory.Exists(path))
            throw new InputFileException(path, "is a directory; name a file to write");

        try
        {
            var named = new FileInfo(path);
            string target = named.LinkTarget is null ? named.FullName : named.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            if (IsDevice(named.FullName) || IsDevice(target))
                return new OutputFile(path, named.FullName, temporary: null);

            string temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
            return new OutputFile(path, target, temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Failure(path, e);
        }
    }

    /// <summary>Writes a whole text file in UTF-8 without a byte order mark.</summary>
    /// <exception cref="InputFileException">The file cannot be written.</exception>
    public static void WriteText(string path, string text)
    {
        using OutputFile file = Create(path);
        file.Stream.Write(Encoding.UTF8.GetBytes(text));
        file.Commit();
    }

    /// <summary>Says why a file could not be written.</summary>
    public static InputFileException Failure(string path, Exception cause)
    {
        string detail = cause switch
        {
            DirectoryNotFoundException => "cannot be written: its folder does not exist; create it first",
            UnauthorizedAccessException => "may not be written (permission denied); choose another place",
            _ => $"cannot be written: {cause.Message}",
        };
        return new InputFileException(path, detail, cause);
    }

    /// <summary>Puts the finished file in its place. Nothing can be written to it after that.</summary>
    /// <exception cref="InputFileException">The file cannot be put there.</exception>
    public void Commit()
    {
        Stream.Dispose();
        if (_temporary is null)
            return;

        try
        {
            File.Move(_temporary, _target, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(_path, e);
        }
    }

    /// <summary>Deletes what was written unless it was committed.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        if (_temporary is not null)
            File.Delete(_temporary);
    }

    // Renaming a regular file onto a device would replace the device.
    private static bool IsDevice(string fullPath) =>
        fullPath.StartsWith("/dev/", StringComparison.Ordinal) && !fullPath.StartsWith("/dev/shm/", StringComparison.Ordinal) && File.Exists(fullPath);
}

using OtEngine.Cli.Formats;

namespace OtEngine.Cli;

/// <summary>Checks the names of files to be written before any work begins.</summary>
internal static class Outputs
{
    /// <summary>Checks the extension, creates the folder and tries to write there, so that nothing fails after a long solve.</summary>
    /// <param name="path">The file as the user named it; null is fine.</param>
    /// <param name="extensions">What the name may end in.</param>
    /// <exception cref="InputFileException">Another extension, a directory, or a place where nothing can be written.</exception>
    public static void Prepare(string? path, params ReadOnlySpan<string> extensions)
    {
        if (path is null)
            return;
        if (!extensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
            throw new InputFileException(path, $"has the extension '{Path.GetExtension(path)}'; {string.Join(" or ", extensions!)} is written here");
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
                Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputFileException(path, $"cannot be written: {e.Message}", e);
        }

        OutputFile.Create(path).Dispose();
    }
}

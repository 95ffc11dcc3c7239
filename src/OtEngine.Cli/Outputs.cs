using System.CommandLine;
using System.CommandLine.Parsing;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli;

/// <summary>Checks the names of files to be written before any work begins.</summary>
internal static class Outputs
{
    /// <summary>Checks the name, creates the folder and tries to write there, so that nothing fails after a long solve.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">The option that names the file; where it is not given, nothing is checked.</param>
    /// <param name="extensions">What the name may end in.</param>
    /// <exception cref="InputFileException">
    /// Another extension, a directory, a place where nothing can be written, or a file that the command also reads or writes otherwise.
    /// </exception>
    public static void Prepare(ParseResult arguments, Option<string?> output, params ReadOnlySpan<string> extensions)
    {
        if (arguments.GetValue(output) is not { } path)
            return;
        if (!extensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
            throw new InputFileException(path, $"has the extension '{Path.GetExtension(path)}'; {string.Join(" or ", extensions!)} is written here");
        if (arguments.Tokens.Count(token => token.Type == TokenType.Argument && IsSameFile(token.Value, path)) > 1)
            throw new InputFileException(path, $"is named twice, and {output.Name} would overwrite it; choose another name to write to");
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

    private static bool IsSameFile(string word, string path)
    {
        string file = NumericFile.SplitArrayName(word).File;
        return Path.GetExtension(file) == Path.GetExtension(path) && Path.GetFullPath(file) == Path.GetFullPath(path);
    }
}

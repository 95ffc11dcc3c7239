namespace OtEngine.Cli.Formats;

/// <summary>The front door for numbers: reads a file by its extension.</summary>
internal static class NumericFile
{
    private const string ArchiveMark = ".npz:";

    /// <summary>
    /// Reads <c>.npy</c>; <c>.npz:name</c>, or <c>.npz</c> of one array; <c>.csv</c>, <c>.tsv</c> and <c>.txt</c> tables.
    /// </summary>
    /// <param name="path">The file as the user named it.</param>
    /// <param name="limits">What may be read at most; <see cref="ReadLimits.Default"/> if null.</param>
    /// <exception cref="InputFileException">The file cannot be read, or holds something else.</exception>
    public static NumericArray Read(string path, ReadLimits? limits = null)
    {
        limits ??= ReadLimits.Default;
        (string file, string? arrayName) = SplitArrayName(path);
        return Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".npy" => InputFile.Read(file, (stream, length) => NpyReader.Read(stream, length, path, limits)),
            ".npz" => InputFile.Read(file, (stream, _) => NpzReader.Read(stream, file, arrayName, limits)),
            ".csv" or ".tsv" or ".txt" => InputFile.Read(file, (stream, _) => CsvReader.Read(stream, path, limits)),
            ".png" => throw new InputFileException(path, "is an image; numbers are read from .npy, .npz and .csv"),
            _ => throw new InputFileException(
                path,
                $"has the extension {InputFileException.Quote(Path.GetExtension(file))}; numbers are read from .npy, .npz (file.npz:name) and .csv"),
        };
    }

    /// <summary>The file of <c>file.npz:name</c>, and the name; any other path is a file.</summary>
    public static (string File, string? ArrayName) SplitArrayName(string path)
    {
        int mark = path.LastIndexOf(ArchiveMark, StringComparison.OrdinalIgnoreCase);
        if (mark < 0)
            return (path, null);

        int colon = mark + ArchiveMark.Length - 1;
        return (path[..colon], path[(colon + 1)..]);
    }
}

namespace OtEngine.Cli.Formats;

/// <summary>The front door for images: reads and writes <c>.png</c> files.</summary>
internal static class ImageFile
{
    /// <summary>Reads an image.</summary>
    /// <param name="path">The file as the user named it.</param>
    /// <param name="limits">What may be read at most; <see cref="ReadLimits.Default"/> if null.</param>
    /// <exception cref="InputFileException">The file cannot be read, or is no PNG image.</exception>
    public static PngImage Read(string path, ReadLimits? limits = null)
    {
        if (!Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new InputFileException(path, $"has the extension {InputFileException.Quote(Path.GetExtension(path))}; images are read from .png");

        return InputFile.Read(path, (stream, length) => PngDecoder.Read(stream, length, path, limits ?? ReadLimits.Default));
    }

    /// <summary>Writes an image; a file of that name is replaced once the new one is complete.</summary>
    /// <exception cref="InputFileException">The file cannot be written.</exception>
    public static void Write(string path, PngImage image)
    {
        using OutputFile file = OutputFile.Create(path);
        PngEncoder.Write(file.Stream, image);
        file.Commit();
    }
}

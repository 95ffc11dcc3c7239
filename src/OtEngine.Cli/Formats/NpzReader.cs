using System.IO.Compression;

namespace OtEngine.Cli.Formats;

/// <summary>
/// Reads one array of an <c>.npz</c> archive: a ZIP file of <c>.npy</c> entries, stored or deflated. An entry never yields more
/// bytes than its own header says, and that is checked against the limits and against what its compressed bytes can hold.
/// </summary>
internal static class NpzReader
{
    /// <summary>The most bytes that one byte of a deflate stream can stand for (258 bytes by two bits). Source: RFC 1951.</summary>
    public const long MaxDeflateRatio = 1032;

    /// <summary>Reads the array <paramref name="arrayName"/>.</summary>
    /// <param name="stream">The archive; seekable.</param>
    /// <param name="path">The file as the user named it, without the array's name.</param>
    /// <param name="arrayName">The array's name, with or without <c>.npy</c>; null or empty where there is but one.</param>
    /// <param name="limits">The most elements that are read.</param>
    /// <exception cref="InputFileException">The archive or the entry is damaged, or there is no such array; the arrays are listed.</exception>
    public static NumericArray Read(Stream stream, string path, string? arrayName, ReadLimits limits)
    {
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            ZipArchiveEntry entry = FindEntry(archive, path, arrayName);
            return ReadEntry(entry, $"{path}:{NameOf(entry)}", limits);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InputFileException(path, $"is not a readable .npz archive: {e.Message}", e);
        }
    }

    private static string NameOf(ZipArchiveEntry entry) =>
        entry.FullName.EndsWith(".npy", StringComparison.Ordinal) ? entry.FullName[..^4] : entry.FullName;

    private static ZipArchiveEntry FindEntry(ZipArchive archive, string path, string? arrayName)
    {
        if (archive.Entries.Count == 0)
            throw new InputFileException(path, "holds no arrays");

        if (string.IsNullOrEmpty(arrayName))
        {
            return archive.Entries.Count == 1
                ? archive.Entries[0]
                : throw new InputFileException(path, $"holds several arrays; choose one as {path}:name from {List(archive)}");
        }

        string wanted = arrayName.EndsWith(".npy", StringComparison.Ordinal) ? arrayName[..^4] : arrayName;
        ZipArchiveEntry[] found = [.. archive.Entries.Where(e => NameOf(e) == wanted).Take(2)];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new InputFileException(path, $"has no array {InputFileException.Quote(wanted)}; it holds {List(archive)}"),
            _ => throw new InputFileException(path, $"has more than one array {InputFileException.Quote(wanted)}; save it again"),
        };
    }

    private static string List(ZipArchive archive)
    {
        const int Most = 20;
        string names = string.Join(", ", archive.Entries.Take(Most).Select(e => InputFileException.Quote(NameOf(e))));
        return archive.Entries.Count <= Most ? names : $"{names} and {archive.Entries.Count - Most} more";
    }

    private static NumericArray ReadEntry(ZipArchiveEntry entry, string name, ReadLimits limits)
    {
        if (entry.IsEncrypted)
            throw new InputFileException(name, "is encrypted; save the archive without a password");

        // The claimed length is only believed as far as the bytes that are really there could be unpacked to it.
        if (entry.Length > (entry.CompressedLength * MaxDeflateRatio) + MaxDeflateRatio)
        {
            throw new InputFileException(
                name,
                $"claims {entry.Length} bytes from {entry.CompressedLength} compressed ones, which cannot be; the archive is damaged");
        }

        using Stream packed = entry.Open();
        using var unpacked = new CrcCheckedStream(packed);
        NumericArray array = NpyReader.Read(unpacked, entry.Length, name, limits);
        if (unpacked.ReadByte() >= 0)
            throw new InputFileException(name, $"unpacks to more than the {entry.Length} bytes it claims; the archive is damaged");
        if (unpacked.Crc != entry.Crc32)
            throw new InputFileException(name, $"has the check value {unpacked.Crc:x8} instead of {entry.Crc32:x8}; the archive is damaged");

        return array;
    }
}

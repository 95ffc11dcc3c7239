using System.Runtime.InteropServices;

namespace OtEngine.Cuda.Driver;

/// <summary>
/// One loaded native library and its exports. Function pointers are filled from this very library, so that two libraries with the same
/// names can be in use at once; a configured path loads that file or nothing.
/// </summary>
internal sealed class LibraryExports
{
    private readonly nint _library;

    private LibraryExports(nint library, string path)
    {
        _library = library;
        Path = path;
    }

    public string Path { get; }

    /// <summary>The first export asked for that the library lacks.</summary>
    public string? Missing { get; private set; }

    /// <summary>Loads the first of some libraries that can be loaded. Libraries are never unloaded: a driver keeps threads of its own.</summary>
    /// <param name="paths">Names for the system's loader, or full paths.</param>
    /// <param name="searched">Receives what was tried, in order.</param>
    public static LibraryExports? Load(IEnumerable<string> paths, ICollection<DriverSearch> searched)
    {
        foreach (string path in paths)
        {
            try
            {
                nint library = System.IO.Path.IsPathRooted(path)
                    ? NativeLibrary.Load(path)
                    : NativeLibrary.Load(path, typeof(LibraryExports).Assembly, DllImportSearchPath.SafeDirectories);
                searched.Add(new DriverSearch(path, true, null));
                return new LibraryExports(library, path);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                searched.Add(new DriverSearch(path, false, Reason(exception.Message)));
            }
        }

        return null;
    }

    /// <summary>What the loader said, a file after the other: the first line of several is the runtime's, and no reason.</summary>
    private static string Reason(string message)
    {
        string[] lines = message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join("; ", lines.Length > 1 ? lines[1..] : lines);
    }

    /// <summary>The address of an export; 0, and <see cref="Missing"/> set, if there is none.</summary>
    public nint Address(string name)
    {
        if (NativeLibrary.TryGetExport(_library, name, out nint address))
            return address;
        Missing ??= name;
        return 0;
    }

    /// <summary>Whether the library has an export.</summary>
    public bool Has(string name) => NativeLibrary.TryGetExport(_library, name, out _);
}

using System.Globalization;
using OtEngine.Cuda.Driver;

namespace OtEngine.Cuda.Cublas;

/// <summary>cuBLAS as one loaded library. Raw calls: nothing here binds a context or checks a status.</summary>
internal sealed class CublasLibrary
{
    private CublasLibrary(LibraryExports library)
    {
        Path = library.Path;
        Functions = new CublasFunctions(library);
    }

    /// <summary>As it was given to the loader.</summary>
    public string Path { get; }

    /// <summary>The library's version, such as 12.4.5.</summary>
    public Version Version { get; private set; } = new(0, 0, 0);

    public readonly CublasFunctions Functions;

    /// <summary>Names under which the system's loader finds cuBLAS, the newest first.</summary>
    public static string[] SystemNames => OperatingSystem.IsWindows()
        ? ["cublas64_13.dll", "cublas64_12.dll", "cublas64_11.dll"]
        : ["libcublas.so.13", "libcublas.so.12", "libcublas.so.11"];

    /// <summary>Loads cuBLAS.</summary>
    /// <param name="path">A library's path; null is the first of the system's that serves. With a path, no other library is ever loaded.</param>
    /// <param name="driverVersion">The driver's CUDA version, 12040 for 12.4: a cuBLAS of a newer major version cannot run on it. 0 where it is not known.</param>
    /// <param name="searched">Receives what was tried.</param>
    /// <returns>Null where the system has none.</returns>
    /// <exception cref="CublasException">The library of the path does not serve.</exception>
    public static CublasLibrary? Load(string? path, int driverVersion, ICollection<DriverSearch> searched)
    {
        if (path is not null)
            path = System.IO.Path.GetFullPath(path);
        foreach (string candidate in path is null ? SystemNames : [path])
        {
            List<DriverSearch> found = [];
            CublasLibrary? library = LibraryExports.Load([candidate], found) is { } exports ? Opened(exports, driverVersion, found) : null;
            foreach (DriverSearch search in found)
                searched.Add(search);
            if (library is not null)
                return library;
            if (path is not null)
                throw new CublasException($"The configured cuBLAS does not serve ({path}: {found[0].Reason}). Correct CudaOptions.CublasPath; no other library is tried.");
        }

        return null;
    }

    /// <summary>A library that was loaded, if it has all functions and goes with the driver; else the reason is put in its place.</summary>
    private static unsafe CublasLibrary? Opened(LibraryExports exports, int driverVersion, List<DriverSearch> found)
    {
        const int Major = 0, Patch = 2;
        CublasLibrary library = new(exports);
        if (exports.Missing is { } missing)
            return Refused($"it has no {missing}");
        int* parts = stackalloc int[3];
        for (int part = Major; part <= Patch; part++)
        {
            CublasStatus status = library.Functions.cublasGetProperty(part, parts + part);
            if (status != CublasStatus.Success)
                return Refused($"cublasGetProperty returned {CublasException.NameOf(status)}");
        }

        library.Version = new Version(parts[0], parts[1], parts[2]);
        return driverVersion != 0 && parts[0] > driverVersion / 1000
            ? Refused(string.Create(CultureInfo.InvariantCulture, $"it is {library.Version}, and the driver is of CUDA {driverVersion / 1000}.{driverVersion % 1000 / 10}"))
            : library;

        CublasLibrary? Refused(string reason)
        {
            found[0] = found[0] with { Reason = reason };
            return null;
        }
    }
}

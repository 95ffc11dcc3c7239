using System.Runtime.InteropServices;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cuda.Driver;

/// <summary>
/// The CUDA driver of one loaded library: some forty of its functions by pointer, in groups, initialised. Raw calls: nothing here binds a
/// context or checks a result.
/// </summary>
internal sealed class CudaDriver
{
    /// <summary>What the checked-in PTX (ISA 8.4) needs.</summary>
    public const int LeastVersion = 12040;

    /// <summary>What machine code by CUDA 12 needs, where it is embedded; its PTX, if it comes to that, still needs the former.</summary>
    private const int LeastVersionOfMachineCode = 12000;

    private CudaDriver(LibraryExports library)
    {
        Path = library.Path;
        Device = new DeviceFunctions(library);
        Context = new ContextFunctions(library);
        Memory = new MemoryFunctions(library);
        Stream = new StreamFunctions(library);
        Module = new ModuleFunctions(library);
    }

    /// <summary>As it was given to the loader.</summary>
    public string Path { get; }

    /// <summary>The driver's version: 12040 is 12.4.</summary>
    public int Version { get; private set; }

    public readonly DeviceFunctions Device;

    public readonly ContextFunctions Context;

    public readonly MemoryFunctions Memory;

    public readonly StreamFunctions Stream;

    public readonly ModuleFunctions Module;

    /// <summary>Names under which the system's loader finds the driver.</summary>
    public static string[] SystemNames => OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"];

    /// <summary>Loads and initialises the driver.</summary>
    /// <param name="path">A library's path; null is the system's driver. With a path, no other library is ever loaded.</param>
    /// <param name="searched">Receives what was tried.</param>
    /// <exception cref="CudaException">No library, one that is no driver, one too old, or no device.</exception>
    public static unsafe CudaDriver Load(string? path, ICollection<DriverSearch> searched)
    {
        if (path is not null)
            path = System.IO.Path.GetFullPath(path);
        LibraryExports library = LibraryExports.Load(path is null ? SystemNames : [path], searched)
            ?? throw new CudaLibraryNotFoundException(Message(path, searched));
        CudaDriver driver = new(library);
        if (!library.Has("cuInit"))
            throw new CudaLibraryNotFoundException($"{library.Path} is no CUDA driver: it has no cuInit. {(path is null ? "Install the NVIDIA driver, or run on the CPU." : "Correct CudaOptions.DriverPath; no other library is tried.")}");
        if (library.Missing is { } missing)
            throw new CudaDriverTooOldException($"The driver {library.Path} has no {missing}.", 0, LeastVersion);
        Check(driver, driver.Device.cuInit(0), "cuInit");
        int version = 0;
        Check(driver, driver.Device.cuDriverGetVersion(&version), "cuDriverGetVersion");
        driver.Version = version;
        int least = KernelImages.All.Any(KernelImages.IsMachineCode) ? LeastVersionOfMachineCode : LeastVersion;
        if (version < least)
            throw new CudaDriverTooOldException($"The driver {library.Path} is too old for the engine's kernels.", version, least);
        return driver;
    }

    /// <summary>The driver's name of a code, such as CUDA_ERROR_OUT_OF_MEMORY.</summary>
    public unsafe string NameOf(CudaResult code)
    {
        byte* text = null;
        _ = Device.cuGetErrorName((int)code, &text);
        return text == null ? $"CUDA error {(int)code}" : Marshal.PtrToStringUTF8((nint)text)!;
    }

    private static void Check(CudaDriver driver, CudaResult result, string call)
    {
        if (result != CudaResult.Success)
            throw CudaException.Of(result, call, driver.NameOf(result));
    }

    private static string Message(string? path, IEnumerable<DriverSearch> searched)
    {
        string tried = string.Join("; ", searched.Select(search => $"{search.Path}: {Short(search.Reason)}"));
        return path is null
            ? $"No CUDA driver could be loaded ({tried}). Install the NVIDIA driver, or run on the CPU."
            : $"The configured CUDA driver could not be loaded ({tried}). Correct CudaOptions.DriverPath; no other library is tried.";
    }

    /// <summary>What the loader said without the places that it looked in, which ot doctor lists.</summary>
    private static string Short(string? reason) =>
        string.Join("; ", (reason ?? "").Split("; ").Select(line => line.StartsWith('/') ? line[(line.IndexOf(": ", StringComparison.Ordinal) + 1)..].TrimStart() : line).Distinct(StringComparer.Ordinal));
}

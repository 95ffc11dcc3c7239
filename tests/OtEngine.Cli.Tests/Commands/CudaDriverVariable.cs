namespace OtEngine.Cli.Tests.Commands;

/// <summary>As long as it lives, the environment names a CUDA driver's library.</summary>
internal sealed class CudaDriverVariable : IDisposable
{
    private readonly string? _before = Environment.GetEnvironmentVariable(DeviceChoice.DriverVariable);

    public CudaDriverVariable(string library) => Environment.SetEnvironmentVariable(DeviceChoice.DriverVariable, library);

    /// <summary>Names the host CUDA device; where it is not built, the test is skipped and says so.</summary>
    public static CudaDriverVariable HostDevice()
    {
        string? library = Environment.GetEnvironmentVariable("OTENGINE_HOST_CUDA");
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null && library is null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "artifacts", "native", "plain", "libothostcuda.so");
            library = File.Exists(candidate) ? candidate : null;
        }

        if (library is null)
            Assert.Ignore("The host CUDA device is not built: run ./build.sh --target Native (CMake and g++), or set OTENGINE_HOST_CUDA to its libothostcuda.so.");
        return new CudaDriverVariable(library!);
    }

    public void Dispose() => Environment.SetEnvironmentVariable(DeviceChoice.DriverVariable, _before);
}

using System.Globalization;
using OtEngine.Cuda.Cublas;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Cli;

/// <summary>
/// Where a command computes: what <c>--device</c> says, and the environment variables OTENGINE_CUDA_DRIVER and OTENGINE_CUBLAS, the paths of a CUDA
/// driver and of a cuBLAS in place of the system's.
/// </summary>
internal sealed class DeviceChoice(string device)
{
    /// <summary>The methods that run on a device; all others run on the CPU.</summary>
    private static readonly string[] Accelerated = ["exact", "sinkhorn", "entropic", "assignment", "sliced", "verify", "bench"];

    /// <summary>Names a CUDA driver's library in place of the system's.</summary>
    public const string DriverVariable = "OTENGINE_CUDA_DRIVER";

    /// <summary>Names a cuBLAS in place of the system's.</summary>
    public const string CublasVariable = "OTENGINE_CUBLAS";

    /// <summary>The driver's library as the environment names it; null is the system's.</summary>
    public static string? DriverPath => Environment.GetEnvironmentVariable(DriverVariable) is { Length: > 0 } path ? path : null;

    /// <summary>As it was asked for.</summary>
    public string Asked => device;

    /// <summary>Whether nothing but a CUDA device will do.</summary>
    public bool IsCudaAsked => device.StartsWith("cuda", StringComparison.Ordinal);

    /// <summary>The ordinal asked for; 0 if none was.</summary>
    public int Ordinal => device.StartsWith("cuda:", StringComparison.Ordinal) ? int.Parse(device.AsSpan("cuda:".Length), CultureInfo.InvariantCulture) : 0;

    /// <summary>Creates the engine of a command.</summary>
    /// <param name="method">What it does.</param>
    /// <param name="isForDevice">Whether a device has a part in it; where not, one is opened only if it is asked for.</param>
    /// <param name="configure">Changes the engine's options.</param>
    /// <exception cref="CommandException">A device was asked for that is not there, or that the method does not run on.</exception>
    public Engine CreateEngine(string method, bool isForDevice, Action<EngineOptions> configure)
    {
        if (IsCudaAsked && !Accelerated.Contains(method))
            throw new CommandException(ExitCode.DeviceOrMemory, $"--device {device}: {method} runs on the CPU alone in this build; use --device cpu or auto");
        try
        {
            return Engine.Create(options =>
            {
                configure(options);
                if (device != "cpu" && (isForDevice || IsCudaAsked) && Accelerated.Contains(method))
                    options.UseCuda(Configure);
            });
        }
        catch (CudaLibraryNotFoundException exception)
        {
            string remedy = DriverPath is null
                ? $"Where its libcuda.so.1 lies elsewhere, set {DriverVariable} to that path; --device cpu needs no driver"
                : $"{DriverVariable} names it: correct it, unset it for the system's driver, or use --device cpu";
            throw new CommandException(ExitCode.DeviceOrMemory, $"--device {device}: {exception.Message} {remedy}");
        }
        catch (CudaNoDeviceException exception)
        {
            throw new CommandException(ExitCode.DeviceOrMemory, $"--device {device}: {exception.Message} ot doctor lists those that --device may name");
        }
        catch (DeviceException exception)
        {
            throw new CommandException(ExitCode.DeviceOrMemory, $"--device {device}: {exception.Message}");
        }
    }

    /// <summary>What is there of CUDA.</summary>
    public CudaInspection Inspect()
    {
        CudaOptions options = new();
        Configure(options);
        return CudaInspection.Of(options);
    }

    /// <summary>What is there of cuBLAS.</summary>
    /// <param name="driverVersion">The CUDA version of the driver; 0 if there is none.</param>
    public CublasInspection InspectCublas(int driverVersion)
    {
        CudaOptions options = new();
        Configure(options);
        return CublasInspection.Of(options, driverVersion);
    }

    /// <summary>The name of the device that an engine computes on.</summary>
    public string NameOf(Engine engine) => engine.DeviceName is null ? "cpu" : string.Create(CultureInfo.InvariantCulture, $"cuda:{Ordinal}");

    private void Configure(CudaOptions options)
    {
        options.DriverPath = DriverPath;
        options.CublasPath = Environment.GetEnvironmentVariable(CublasVariable) is { Length: > 0 } path ? path : null;
        options.DeviceOrdinal = Ordinal;
        options.Requirement = IsCudaAsked ? CudaRequirement.Required : CudaRequirement.Auto;
    }
}

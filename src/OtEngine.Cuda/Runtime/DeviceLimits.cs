using System.Text;
using OtEngine.Cuda.Driver;

namespace OtEngine.Cuda.Runtime;

/// <summary>What a device can do, as far as launchers ask.</summary>
internal sealed record DeviceLimits
{
    public required string Name { get; init; }

    /// <summary>Major times ten plus minor: 90 for 9.0.</summary>
    public required int Capability { get; init; }

    public required int Multiprocessors { get; init; }

    /// <summary>Shared memory of a block without opting in, in bytes.</summary>
    public required int SharedBytes { get; init; }

    /// <summary>Shared memory of a block that opted in, in bytes.</summary>
    public required int SharedBytesOptIn { get; init; }

    /// <summary>Shared memory of a multiprocessor, in bytes.</summary>
    public required int SharedBytesMultiprocessor { get; init; }

    public required bool CooperativeLaunch { get; init; }

    public required long TotalMemory { get; init; }

    /// <summary>Asks the driver; no context is needed.</summary>
    /// <param name="driver">An initialised driver.</param>
    /// <param name="device">Its device (CUdevice).</param>
    public static unsafe DeviceLimits Of(CudaDriver driver, int device)
    {
        const int Shared = 8, Processors = 16, Major = 75, Minor = 76, SharedProcessor = 81, Cooperative = 95, OptIn = 97;
        byte* name = stackalloc byte[256];
        Require(driver.Device.cuDeviceGetName(name, 256, device), "cuDeviceGetName");
        nuint total = 0;
        Require(driver.Device.cuDeviceTotalMem_v2(&total, device), "cuDeviceTotalMem_v2");
        return new DeviceLimits
        {
            Name = Encoding.UTF8.GetString(new ReadOnlySpan<byte>(name, 256)[..new ReadOnlySpan<byte>(name, 256).IndexOf((byte)0)]),
            Capability = (10 * Attribute(Major)) + Attribute(Minor),
            Multiprocessors = Attribute(Processors),
            SharedBytes = Attribute(Shared),
            SharedBytesOptIn = Attribute(OptIn),
            SharedBytesMultiprocessor = Attribute(SharedProcessor),
            CooperativeLaunch = Attribute(Cooperative) != 0,
            TotalMemory = (long)total,
        };

        int Attribute(int attribute)
        {
            int value = 0;
            Require(driver.Device.cuDeviceGetAttribute(&value, attribute, device), "cuDeviceGetAttribute");
            return value;
        }

        void Require(CudaResult result, string call)
        {
            if (result != CudaResult.Success)
                throw CudaException.Of(result, call, driver.NameOf(result));
        }
    }
}

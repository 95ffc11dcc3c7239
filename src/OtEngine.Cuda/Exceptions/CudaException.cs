using OtEngine.Cuda.Driver;

namespace OtEngine;

/// <summary>A call of the CUDA driver failed. What it was and what to do is in the message; the derived types tell the common cases apart.</summary>
public class CudaException : DeviceException
{
    internal CudaException(string message, int code = 0, string call = "", bool isLost = false)
        : base(message)
    {
        Code = code;
        Call = call;
        IsLost = isLost;
    }

    /// <summary>The driver's result code; 0 where no call was made.</summary>
    public int Code { get; }

    /// <summary>The driver's function that returned it; empty where no call was made.</summary>
    public string Call { get; }

    /// <inheritdoc/>
    public override bool IsLost { get; }

    /// <summary>The typed exception of a code.</summary>
    /// <param name="code">Not success.</param>
    /// <param name="call">The driver's function.</param>
    /// <param name="name">The driver's name of the code.</param>
    /// <param name="detail">What else is known, such as bytes asked for; empty if nothing.</param>
    internal static CudaException Of(CudaResult code, string call, string name, string detail = "")
    {
        string failed = $"{call} returned {name} ({(int)code}){(detail.Length == 0 ? "" : ": " + detail)}.";
        return code switch
        {
            CudaResult.OutOfMemory => new CudaOutOfMemoryException(failed + " Solve smaller problems at a time, lower MemoryCap of other engines, or call TrimPool.", call),
            CudaResult.NoDevice or CudaResult.InvalidDevice => new CudaNoDeviceException(failed + " Choose another device (CudaOptions.DeviceOrdinal), or run on the CPU.", (int)code, call),
            CudaResult.UnsupportedPtxVersion => new CudaDriverTooOldException(failed, 0, CudaDriver.LeastVersion, call),
            CudaResult.IllegalAddress or CudaResult.MisalignedAddress or CudaResult.InvalidAddressSpace =>
                new CudaIllegalAddressException(failed + " A kernel touched memory it does not own. This engine cannot use the device any more; create a new one, and report the problem.", (int)code, call),
            CudaResult.LaunchFailed or CudaResult.LaunchTimeout or CudaResult.HardwareStackError or CudaResult.IllegalInstruction or CudaResult.InvalidProgramCounter or CudaResult.Assert =>
                new CudaLaunchException(failed + " A kernel failed. This engine cannot use the device any more; create a new one, and report the problem.", (int)code, call),
            CudaResult.EccUncorrectable or CudaResult.NvlinkUncorrectable or CudaResult.ContextIsDestroyed or CudaResult.Deinitialized =>
                new CudaContextLostException(failed + " The context is gone. Create a new engine; for memory errors, reset the device first.", (int)code, call),
            CudaResult.SystemDriverMismatch => new CudaException(failed + " The kernel driver and the library are of different versions: restart the machine or reload the driver.", (int)code, call),
            _ => new CudaException(failed + " See the driver's documentation of this code.", (int)code, call),
        };
    }
}

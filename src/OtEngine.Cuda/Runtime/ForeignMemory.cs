using OtEngine.Cuda.Driver;

namespace OtEngine.Cuda.Runtime;

/// <summary>Device memory of the caller's, checked before a kernel sees its address: a wrong one would cost the device.</summary>
internal static unsafe class ForeignMemory
{
    /// <summary>The elements as a buffer that owns nothing.</summary>
    /// <exception cref="ProblemException">It is no memory of the engine's device, or ends within the elements.</exception>
    public static CudaBuffer<T> Of<T>(CudaRuntime runtime, string what, DeviceMemory<T> memory)
        where T : unmanaged
    {
        const int Context = 1, MemoryType = 2, Ordinal = 9, RangeStart = 11, RangeSize = 12;
        const int OnDevice = 2;
        if (memory.Length < 1)
            Throw.Empty(what);
        CudaContext context = runtime.Context;
        ulong address = (ulong)memory.Address;
        int type = 0;
        int device = 0;
        nint owner = 0;
        ulong start = 0;
        nuint size = 0;
        using (context.Enter())
        {
            // The driver has an error for what it did not allocate.
            CudaResult known = context.Driver.Memory.cuPointerGetAttribute(&type, MemoryType, address);
            if (known == CudaResult.InvalidValue || (known == CudaResult.Success && type != OnDevice))
                Throw.Problem(ProblemError.Unsupported, $"{what} at 0x{address:x} is not device memory; give the address of an allocation on the engine's device.");
            context.Check(known, "cuPointerGetAttribute", what);
            context.Check(context.Driver.Memory.cuPointerGetAttribute(&device, Ordinal, address), "cuPointerGetAttribute", what);
            context.Check(context.Driver.Memory.cuPointerGetAttribute(&owner, Context, address), "cuPointerGetAttribute", what);
            context.Check(context.Driver.Memory.cuPointerGetAttribute(&start, RangeStart, address), "cuPointerGetAttribute", what);
            context.Check(context.Driver.Memory.cuPointerGetAttribute(&size, RangeSize, address), "cuPointerGetAttribute", what);
        }

        if (device != context.Device)
            Throw.Problem(ProblemError.Unsupported, $"{what} is memory of CUDA device {device}; the engine runs on device {context.Device}.");
        // Memory of a pool belongs to its device, and to no context.
        if (owner != 0 && !context.Is(owner))
            Throw.Problem(ProblemError.Unsupported, $"{what} belongs to another context than the engine works in; give the engine that one (CudaOptions.ExternalContext).");
        if (address % (ulong)sizeof(T) != 0)
            Throw.Problem(ProblemError.Unsupported, $"{what} at 0x{address:x} is not aligned to its elements of {sizeof(T)} bytes.");
        long fit = (long)((start + size - address) / (ulong)sizeof(T));
        if (memory.Length > fit)
            Throw.ShapeMismatch($"The allocation of {what}, from its address on,", fit, memory.Length, "as its length says");
        return new CudaBuffer<T>(runtime, address, memory.Length);
    }
}

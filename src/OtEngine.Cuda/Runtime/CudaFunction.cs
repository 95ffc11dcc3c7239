namespace OtEngine.Cuda.Runtime;

/// <summary>An entry of a loaded module.</summary>
internal sealed class CudaFunction(CudaContext context, nint handle, string name)
{
    private const int MaxDynamicSharedBytes = 8;
    private readonly Lock _gate = new();
    private int _sharedBytes;

    public nint Handle { get; } = handle;

    public string Name { get; } = name;

    /// <summary>
    /// Opts in to dynamic shared memory, once for the largest amount asked for; what an entry has without that is 48 KiB less its static
    /// memory. The context is current.
    /// </summary>
    public unsafe void AllowShared(int bytes)
    {
        if (bytes <= Volatile.Read(ref _sharedBytes))
            return;
        lock (_gate)
        {
            if (bytes <= _sharedBytes)
                return;
            context.Check(context.Driver.Module.cuFuncSetAttribute(Handle, MaxDynamicSharedBytes, bytes), "cuFuncSetAttribute", $"{bytes} bytes of shared memory for {Name}");
            _sharedBytes = bytes;
        }
    }

    /// <summary>Blocks of this shape that one multiprocessor holds at once.</summary>
    public unsafe int ResidentBlocks(int threads, int sharedBytes)
    {
        using CudaContext.Scope scope = context.Enter();
        AllowShared(sharedBytes);
        int blocks = 0;
        context.Check(
            context.Driver.Module.cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, Handle, threads, (nuint)sharedBytes),
            "cuOccupancyMaxActiveBlocksPerMultiprocessor");
        return blocks;
    }
}

using System.Runtime.InteropServices;

namespace OtEngine;

/// <summary>A block of native memory aligned to a cache line, freed exactly once, also when its owner is forgotten.</summary>
internal sealed unsafe class AlignedMemory : SafeHandle
{
    private const int Alignment = 64;
    private readonly long _bytes;

    public AlignedMemory(long bytes)
        : base(0, ownsHandle: true)
    {
        _bytes = Math.Max(bytes, Alignment);
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)_bytes, Alignment));
        GC.AddMemoryPressure(_bytes);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure(_bytes);
        return true;
    }
}

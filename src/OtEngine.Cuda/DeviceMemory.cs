namespace OtEngine;

/// <summary>
/// Memory of the caller's on the engine's device, read or written where it lies: from cuMemAlloc, cudaMalloc, or any library that hands out
/// their addresses. It must stay allocated until the call returns.
/// </summary>
/// <typeparam name="T">Type of the elements.</typeparam>
/// <param name="Address">Device address of the first element (CUdeviceptr), aligned to the element.</param>
/// <param name="Length">Number of elements.</param>
public readonly record struct DeviceMemory<T>(nint Address, long Length)
    where T : unmanaged;

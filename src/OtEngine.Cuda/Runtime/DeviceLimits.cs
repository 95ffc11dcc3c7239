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
}

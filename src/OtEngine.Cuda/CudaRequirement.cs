namespace OtEngine;

/// <summary>What happens where there is no usable CUDA device.</summary>
public enum CudaRequirement
{
    /// <summary>The engine runs on the CPU, and <see cref="Engine.FallbackReason"/> says why.</summary>
    Auto,

    /// <summary>Creating the engine throws.</summary>
    Required,
}

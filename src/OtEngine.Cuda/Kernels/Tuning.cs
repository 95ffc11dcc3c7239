namespace OtEngine.Cuda.Kernels;

/// <summary>Threads a block of every kernel, and why. Each equals the bound its entry is compiled for; a test compares them.</summary>
internal static class Tuning
{
    /// <summary>8 warps: enough rows a block to hide the latency of costs in double, and 64 registers a thread leave four blocks a multiprocessor.</summary>
    public const int SoftMinThreads = 256;

    /// <summary>As for soft minima: the same walk over costs.</summary>
    public const int PlanThreads = 256;

    /// <summary>Costs are computed and stored once; any size from 128 on fills the device.</summary>
    public const int CostThreads = 256;
}

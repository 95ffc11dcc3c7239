namespace OtEngine.Cuda.Kernels;

/// <summary>Threads a block of every kernel, and why. Each equals the bound its entry is compiled for; a test compares them.</summary>
internal static class Tuning
{
    /// <summary>8 warps: enough rows a block to hide the latency of costs in double, and 64 registers a thread leave four blocks a multiprocessor.</summary>
    public const int SoftMinThreads = 256;

    /// <summary>As for soft minima: the same walk over costs.</summary>
    public const int PlanThreads = 256;

    /// <summary>Rows that a block of PlanWrite has: its threads find their column's cell on a grid once for all.</summary>
    public const int PlanWriteRows = 8;

    /// <summary>Costs are computed and stored once; any size from 128 on fills the device.</summary>
    public const int CostThreads = 256;

    /// <summary>A row of 4096 floats is 16 a thread, whose terms stay in registers; two blocks fill a multiprocessor's.</summary>
    public const int SweepThreads = 256;

    /// <summary>
    /// Rows of a part, at least: its column sums are then a sixteenth of what it reads, and 2048 rows have a part for each multiprocessor of the
    /// largest devices, which in float fits its shared memory.
    /// </summary>
    public const int SweepPartRows = 16;

    /// <summary>Most parts of a problem: about two for each multiprocessor of the largest devices.</summary>
    public const int SweepParts = 256;

    /// <summary>Sweeps between two looks at what became of them: a graph this long hides the price of its launch.</summary>
    public const int SweepChunk = 8;

    /// <summary>Sweeps of a resident launch: exponents are formed anew by each, which is then nothing, and cancellation waits no longer than a few milliseconds.</summary>
    public const int SweepsResident = 128;

    /// <summary>Two blocks' registers, some 124 a thread in float, fill a multiprocessor.</summary>
    public const int PointsThreads = 256;

    /// <summary>Dimensions up to which a thread keeps the coordinates of its atoms in registers: <c>ot::points_depth</c>.</summary>
    public const int PointsFewDimensions = 8;

    /// <summary>Atoms whose sums a block makes by products, 16 a warp; their coordinates are stored for whole blocks.</summary>
    public const int ProductsOwn = 128;

    /// <summary>Coordinates of one product on tensor cores.</summary>
    public const int ProductsDepth = 8;

    /// <summary>Atoms of the other side staged at once: <c>ot::points_tile</c>; parts are made of whole tiles.</summary>
    public const int PointsTile = 64;

    /// <summary>Atoms of a part, at least: its own atoms are read once for so many.</summary>
    public const int PointsLeastPart = 256;

    /// <summary>Blocks at which parts are made no smaller: about four times what fills the largest devices, so that the last ones to end do not matter.</summary>
    public const int PointsBlocks = 1024;

    /// <summary>A tile's side of sixteen threads: each has 64 sums in float and reads 16 elements for 64 products; more would spill.</summary>
    public const int MultiplyThreads = 256;

    /// <summary>Bound by memory: any size from 128 on fills the device.</summary>
    public const int VectorThreads = 256;

    /// <summary>Bound by memory, but for one exp an entry of the plan: as for plans.</summary>
    public const int GromovThreads = 256;

    /// <summary>Of sorts on chip: a thread has a run of some forty keys of the largest clouds, and sixteen counters of its own.</summary>
    public const int SlicedThreads = 256;

    /// <summary>
    /// Pairs of a grid from which on its plan is read along the axes, problem by problem, and not pair by pair, all problems of a table at once:
    /// a pass over so many pairs takes about as long as the dozen launches and the copies of a transform.
    /// </summary>
    public const long PairsAlongAxes = 1 << 22;

    /// <summary>Compute capability from which on a device has tensor cores for floats.</summary>
    public const int TensorCoresFrom = 80;

    /// <summary>Limits are measured by blocks of a common size.</summary>
    public const int LimitsThreads = 256;

    /// <summary>Of problems with few columns, one a warp: no barrier between warps, and 32 of them on a multiprocessor.</summary>
    public const int AssignmentWarpThreads = 32;

    /// <summary>Most columns of a problem that one warp solves: four a lane.</summary>
    public const int AssignmentWarpColumns = 128;

    /// <summary>Of the others: a search of a thousand columns is four a thread, and a barrier joins eight warps.</summary>
    public const int AssignmentBlockThreads = 256;

    /// <summary>What the kernel shares beside the state: a nearest column a warp, twice, and a violation a warp.</summary>
    public const int AssignmentScratchBytes = 1024;

    /// <summary>Costs a problem reads between two looks at the cancellation, about: a few milliseconds of one block.</summary>
    public const int AssignmentChunk = 1 << 24;

    /// <summary>As for soft minima; sixteen prices and ends of a lane stay in registers.</summary>
    public const int ReducedCostsThreads = 256;
}

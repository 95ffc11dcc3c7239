namespace OtEngine;

/// <summary>How an engine uses CUDA; given once, to <see cref="CudaEngineOptions.UseCuda"/>.</summary>
public sealed class CudaOptions
{
    private int _deviceOrdinal;
    private CudaPrecision _precision;
    private long _memoryCap = long.MaxValue;

    /// <summary>The driver's library; null is the system's. A path that does not exist is an error: no other library is tried.</summary>
    public string? DriverPath { get; set; }

    /// <summary>
    /// Whether a problem has the same bits alone and in any batch; default true. False lets cuBLAS, where there is one (13, 12 or 11), compute
    /// products of matrices: in elements of the same type, never in TF32, but in another order of sums, which may depend on the batch, the device
    /// and the version of cuBLAS. A product then takes a workspace of 4 MiB, or 32 MiB from compute capability 9.0 on, which counts for
    /// <see cref="MemoryCap"/>.
    /// </summary>
    public bool BatchInvariant { get; set; } = true;

    /// <summary>
    /// cuBLAS's library, looked for only where <see cref="BatchInvariant"/> is false; null is the system's, and where that has none the engine
    /// uses kernels of its own. A path that does not serve is a <see cref="CublasException"/>: no other library is tried.
    /// </summary>
    public string? CublasPath { get; set; }

    /// <summary>
    /// A handle of cuBLAS (cublasHandle_t) of the caller's, which the library of <see cref="CublasPath"/> made in the engine's context, for products
    /// of matrices where <see cref="BatchInvariant"/> is false; 0 makes one of the engine's own. It must outlive the engine, and nobody else may
    /// use it while a call runs. A call leaves its stream, math mode and pointer mode as they were; a workspace set for it is to be set again.
    /// </summary>
    public nint ExternalCublas { get; set; }

    /// <summary>Which device, from 0.</summary>
    public int DeviceOrdinal
    {
        get => _deviceOrdinal;
        set
        {
            if (value < 0)
                Throw.OutOfRange("The device ordinal", value, "at least 0");
            _deviceOrdinal = value;
        }
    }

    /// <summary>What happens where there is no usable device; default <see cref="CudaRequirement.Auto"/>.</summary>
    public CudaRequirement Requirement { get; set; }

    /// <summary>
    /// Whether calls go on on the CPU after the device was lost, the failing one included; default false: it throws, and so do later ones.
    /// </summary>
    public bool FallbackOnFault { get; set; }

    /// <summary>How exactly tensor cores compute costs between float points; default <see cref="CudaPrecision.Strict"/>.</summary>
    public CudaPrecision Precision
    {
        get => _precision;
        set
        {
            if (!Enum.IsDefined(value))
                Throw.OutOfRange("The precision", (int)value, "one of CudaPrecision's");
            _precision = value;
        }
    }

    /// <summary>
    /// Most bytes of device memory the engine holds, in use or pooled; default no limit but the device's. Where the stored exponents of a batch need
    /// more they are formed and swept a few problems at a time, with the same bits. Costs, points and weights of all its problems are there at once,
    /// and beside them the exponents of one: what does not fit throws <see cref="CudaOutOfMemoryException"/>, and the batch is to be split;
    /// <see cref="Exact"/> transport goes to the CPU instead.
    /// </summary>
    public long MemoryCap
    {
        get => _memoryCap;
        set
        {
            if (value < 1)
                Throw.OutOfRange("The memory cap", value, "at least 1 byte");
            _memoryCap = value;
        }
    }

    /// <summary>A context (CUcontext) of the caller's to work in; 0 takes the device's primary context. It must outlive the engine.</summary>
    public nint ExternalContext { get; set; }

    /// <summary>A stream (CUstream) of that context, in which all work is queued, one call at a time; 0 takes streams of the engine's own.</summary>
    public nint ExternalStream { get; set; }

    /// <summary>Hears one line when the engine falls back to the CPU.</summary>
    public Action<string>? Log { get; set; }

    /// <summary>Whether freed device memory is kept for the next allocation; tests that watch for stale memory switch it off.</summary>
    internal bool PoolsMemory { get; set; } = true;

    /// <summary>Whether small problems are solved within one block; tests of the kernels for larger ones switch it off.</summary>
    internal bool SolvesInBlocks { get; set; } = true;

    /// <summary>Costs an assignment problem reads between two looks at the cancellation, about; tests set less.</summary>
    internal long AssignmentChunk { get; set; } = Cuda.Kernels.Tuning.AssignmentChunk;

    /// <summary>Pairs of a grid from which on its plans are read along the axes; tests of small ones set it to 0, or to all there are.</summary>
    internal long PairsAlongAxes { get; set; } = Cuda.Kernels.Tuning.PairsAlongAxes;

    /// <summary>Whether one problem whose exponents fit the shared memory of all multiprocessors is swept there; tests compare it with the graphs.</summary>
    internal bool SweepsOnChip { get; set; } = true;
}

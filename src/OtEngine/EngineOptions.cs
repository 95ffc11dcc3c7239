using OtEngine.Backends;

namespace OtEngine;

/// <summary>How an engine runs; given once, to <see cref="Engine.Create"/>.</summary>
public sealed class EngineOptions
{
    private int _threads = Environment.ProcessorCount;
    private long _costMatrixBudget = 256L << 20;

    /// <summary>
    /// Threads a batch may use, the calling one included, from 1 to 1024; default: the processors of this process.
    /// The number never changes a result, not by a bit.
    /// </summary>
    public int Threads
    {
        get => _threads;
        set
        {
            if (value is < 1 or > 1024)
                Throw.OutOfRange("The number of threads", value, "1 to 1024");
            _threads = value;
        }
    }

    /// <summary>
    /// Bytes a solver may spend on storing the cost matrix of two point clouds where a stored one is faster; default
    /// 256 MiB. Zero keeps every solve on points within memory linear in n + m.
    /// </summary>
    public long CostMatrixBudget
    {
        get => _costMatrixBudget;
        set
        {
            if (value < 0)
                Throw.OutOfRange("The cost matrix budget", value, "at least 0 bytes");
            _costMatrixBudget = value;
        }
    }

    /// <summary>Another backend than the CPU; null if none was asked for.</summary>
    internal Accelerator? Accelerator { get; set; }
}

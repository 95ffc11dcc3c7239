using OtEngine.Backends;
using OtEngine.Cuda;
using OtEngine.Cuda.Runtime;

namespace OtEngine.Tests;

/// <summary>The engines that the shared suites ask for, here on the device under test.</summary>
internal static class Engines
{
    private static readonly Lazy<Engine> LazyDefault = new(() => TestDevice.CreateEngine(), LazyThreadSafetyMode.PublicationOnly);
    private static readonly Lazy<Engine> LazyUnstored = new(() => TestDevice.CreateEngine(o => o.CostMatrixBudget = 0), LazyThreadSafetyMode.PublicationOnly);
    private static readonly Lazy<Engine> LazySingle = new(() => TestDevice.CreateEngine(o => o.Threads = 1), LazyThreadSafetyMode.PublicationOnly);
    private static readonly Lazy<Engine> LazySeven = new(() => TestDevice.CreateEngine(o => o.Threads = 7), LazyThreadSafetyMode.PublicationOnly);

    private static readonly Lazy<Engine> LazyCpu = new(() => Engine.Create());

    public static Engine Default => LazyDefault.Value;

    /// <summary>On the CPU, whatever the others are on.</summary>
    public static Engine Cpu => LazyCpu.Value;

    /// <summary>On a backend that is remote.</summary>
    public static Engine Remote => Default;

    public static Engine SingleThreaded => LazySingle.Value;

    public static Engine TwoThreads => LazyDefault.Value;

    public static Engine Unstored => LazyUnstored.Value;

    public static Engine SevenThreads => LazySeven.Value;

    /// <summary>Ends those that were made, after the last test.</summary>
    public static void Dispose()
    {
        foreach (Lazy<Engine> engine in (ReadOnlySpan<Lazy<Engine>>)[LazyDefault, LazyCpu, LazyUnstored, LazySingle, LazySeven])
        {
            if (engine.IsValueCreated)
                engine.Value.Dispose();
        }
    }

    /// <summary>An engine of its own, to be disposed.</summary>
    public static Engine Create(Action<EngineOptions>? configure = null) => TestDevice.CreateEngine(configure);

    /// <summary>Whether the backends made from now on solve small problems within one block.</summary>
    public static bool SolvesInBlocks { get; set; } = true;

    /// <summary>Whether they keep the exponents of one problem on chip where these fit.</summary>
    public static bool SweepsOnChip { get; set; } = true;

    /// <summary>Whether the backends made from now on go along the axes of every grid.</summary>
    private static bool GoesAlongAxes { get; set; }

    /// <summary>A backend of its own, to be disposed. It takes fresh memory for every buffer, so that nothing stale passes for a result.</summary>
    public static Backend CreateBackend()
    {
        CudaOptions options = new() { PoolsMemory = false, SolvesInBlocks = SolvesInBlocks, SweepsOnChip = SweepsOnChip };
        if (GoesAlongAxes)
            options.PairsAlongAxes = 0;
        TestDevice.Require(options);
        return new CudaBackend(CudaRuntime.Open(options, []));
    }

    /// <summary>A backend that goes along the axes of a grid, however small; to be disposed.</summary>
    public static Backend CreateBackendAlongAxes()
    {
        bool kept = SolvesInBlocks;
        GoesAlongAxes = true;
        SolvesInBlocks = false;
        Backend backend = CreateBackend();
        SolvesInBlocks = kept;
        GoesAlongAxes = false;
        return backend;
    }

    /// <summary>Whether a sweep takes a hundred times what it takes on the CPU, so that what only repeats is tried on less.</summary>
    public static bool IsSlow => !TestDevice.IsGpu;

    /// <summary>On a device they stay in their places with a share of zero: no value changes by them, but the order of sums does.</summary>
    public static bool TakesMasslessAtomsOut => false;
}

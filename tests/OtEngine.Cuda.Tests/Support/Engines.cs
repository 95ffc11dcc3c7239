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

    public static Engine Default => LazyDefault.Value;

    public static Engine SingleThreaded => LazySingle.Value;

    public static Engine TwoThreads => LazyDefault.Value;

    public static Engine Unstored => LazyUnstored.Value;

    public static Engine SevenThreads => LazySeven.Value;

    /// <summary>Ends those that were made, after the last test.</summary>
    public static void Dispose()
    {
        foreach (Lazy<Engine> engine in (ReadOnlySpan<Lazy<Engine>>)[LazyDefault, LazyUnstored, LazySingle, LazySeven])
        {
            if (engine.IsValueCreated)
                engine.Value.Dispose();
        }
    }

    /// <summary>An engine of its own, to be disposed.</summary>
    public static Engine Create(Action<EngineOptions>? configure = null) => TestDevice.CreateEngine(configure);

    /// <summary>A backend of its own, to be disposed.</summary>
    public static Backend CreateBackend()
    {
        CudaOptions options = new();
        TestDevice.Require(options);
        return new CudaBackend(CudaRuntime.Open(options, []));
    }
}

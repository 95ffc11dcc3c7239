using OtEngine.Backends;
using OtEngine.Cpu;

namespace OtEngine.Tests;

/// <summary>The CPU's verbs, called as those of a remote backend are; counts the passes over all pairs.</summary>
internal sealed class RemoteCpu : CpuBackend
{
    private int _sweeps;
    private int _lists;
    private int _violations;

    public override bool IsRemote => true;

    /// <summary>Calls of SinkhornSweep, of ReducedCosts and of LargestViolation so far.</summary>
    public (int Sweeps, int Lists, int Violations) Calls => (_sweeps, _lists, _violations);

    /// <summary>An engine on it.</summary>
    public Engine CreateEngine(Action<EngineOptions>? configure = null) => Engine.Create(options =>
    {
        configure?.Invoke(options);
        options.Accelerator = new Accelerator(_ => new AcceleratorStart(this, "remote", null), FallbackOnFault: false, Log: null);
    });

    public override void SinkhornSweep<T>(
        LoadedTable<T> table,
        ReadOnlyMemory<SinkhornStage> stages,
        BackendBuffer<SinkhornState> states,
        BackendBuffer<double> potentials,
        long budget,
        Execution execution)
    {
        _ = Interlocked.Increment(ref _sweeps);
        base.SinkhornSweep(table, stages, states, potentials, budget, execution);
    }

    public override void ReducedCosts<T>(
        LoadedTable<T> table, int row, in ArcPrices wanted, TransportSide side, Span<double> prices, Span<int> ends, Execution execution)
    {
        _ = Interlocked.Increment(ref _lists);
        base.ReducedCosts(table, row, wanted, side, prices, ends, execution);
    }

    public override double LargestViolation<T>(LoadedTable<T> table, int row, ReadOnlySpan<double> f, ReadOnlySpan<double> g, Execution execution)
    {
        _ = Interlocked.Increment(ref _violations);
        return base.LargestViolation(table, row, f, g, execution);
    }
}

using BenchmarkDotNet.Attributes;

namespace OtEngine.Bench;

/// <summary>Entropic transport on stored costs: one problem of n x n in 20 plain sweeps, its evidence included.</summary>
[MemoryDiagnoser]
public class SinkhornBenchmarks
{
    private readonly Sinkhorn _solver = new() { EpsilonRelative = 0.05, Tolerance = 0, MaxIterations = 20 };
    private Engine _engine = null!;
    private TransportProblem<float> _problem = null!;

    [Params(64, 512, 2000)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        float[] costs = [.. Enumerable.Range(0, Size * Size).Select(_ => random.NextSingle())];
        _engine = Engine.Create(o => o.Threads = 1);
        _problem = TransportProblem.On(new DenseGeometry<float>(costs, Size, Size));
    }

    [GlobalCleanup]
    public void Cleanup() => _engine.Dispose();

    [Benchmark]
    public double Solve()
    {
        using TransportResult<float> result = _engine.Solve(_problem, _solver);
        return result.TransportCost;
    }
}

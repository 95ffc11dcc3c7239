using BenchmarkDotNet.Attributes;

namespace OtEngine.Bench;

/// <summary>W_2^2 of two measures on the line with uneven weights, from unsorted arrays.</summary>
[MemoryDiagnoser]
public class LineBenchmarks
{
    private const int Count = 1_000_000;

    private readonly double[] _x = Inputs.Normals(7, Count);
    private readonly double[] _y = Inputs.Normals(8, Count, mean: 1);
    private readonly double[] _a = Inputs.Weights(9, Count);
    private readonly double[] _b = Inputs.Weights(10, Count);
    private Engine? _engine;

    /// <summary>Threads the engine may use.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Open() => _engine = Engine.Create(options => options.Threads = Threads);

    [Benchmark]
    public double Solve() => _engine!.Solve(LineProblem.Between<double>(_x, _y).WithWeights(_a, _b)).TransportCost;
}

using BenchmarkDotNet.Attributes;

namespace OtEngine.Bench;

/// <summary>Exact transport between two clouds with uneven weights: from arrays to plan and certificate, one thread.</summary>
[MemoryDiagnoser]
public class ExactBenchmarks
{
    private readonly Engine _engine = Engine.Create(options => options.Threads = 1);
    private double[] _x = [];
    private double[] _y = [];
    private double[] _a = [];
    private double[] _b = [];

    /// <summary>Points on each side.</summary>
    [Params(200, 1000, 2000, 5000)]
    public int Count { get; set; }

    /// <summary>Coordinates of a point.</summary>
    [Params(2, 64)]
    public int Dimension { get; set; }

    [GlobalSetup]
    public void Draw()
    {
        _x = Inputs.Normals(1, Count * Dimension);
        _y = Inputs.Normals(2, Count * Dimension, mean: 0.5);
        _a = Inputs.Weights(3, Count);
        _b = Inputs.Weights(4, Count);
    }

    [Benchmark]
    public double Solve()
    {
        var geometry = new PointCloudGeometry<double>(_x, _y, Dimension, Cost.SquaredEuclidean);
        using var result = _engine.Solve(TransportProblem.On(geometry).WithWeights(_a, _b), new Exact());
        return result.TransportCost;
    }
}

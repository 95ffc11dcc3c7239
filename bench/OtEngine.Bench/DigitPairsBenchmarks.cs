using BenchmarkDotNet.Attributes;

namespace OtEngine.Bench;

/// <summary>Exact distances of pairs of 8 x 8 digits, a time for each pair, one thread.</summary>
[MemoryDiagnoser]
public class DigitPairsBenchmarks
{
    private const int PairCount = 2000;

    private readonly Engine _engine = Engine.Create(options => options.Threads = 1);
    private readonly double[] _costs = new double[PairCount];
    private readonly double[] _pixelCosts = Inputs.PixelCosts();
    private readonly double[] _digits = Inputs.Digits();
    private (int First, int Second)[] _pairs = [];

    [GlobalSetup]
    public void Draw()
    {
        var random = new Random(6);
        int count = _digits.Length / 64;
        _pairs = [.. Enumerable.Range(0, PairCount).Select(_ => (random.Next(count), random.Next(count)))];
    }

    [Benchmark(OperationsPerInvoke = PairCount)]
    public void Solve() => _engine.SolveCosts(new DenseGeometry<double>(_pixelCosts, 64, 64), _digits, _pairs, new Exact(), _costs);
}

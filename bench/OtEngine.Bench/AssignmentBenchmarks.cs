using BenchmarkDotNet.Attributes;

namespace OtEngine.Bench;

/// <summary>Linear assignment into memory of the caller, one thread.</summary>
[MemoryDiagnoser]
public class AssignmentBenchmarks
{
    private readonly Engine _engine = Engine.Create(options => options.Threads = 1);
    private readonly AssignmentWorkspace _workspace = new();
    private double[] _costs = [];
    private int[] _rowToColumn = [];

    /// <summary>Rows and columns.</summary>
    [Params(500, 2000)]
    public int Count { get; set; }

    /// <summary>uniform on [0, 1), whole numbers below Count, or squared distances of points in the unit square.</summary>
    [Params("uniform", "ties", "geometric")]
    public string Costs { get; set; } = "";

    [GlobalSetup]
    public void Draw()
    {
        var random = new Random(5);
        double[] points = [.. Enumerable.Range(0, 4 * Count).Select(_ => random.NextDouble())];
        _rowToColumn = new int[Count];
        _costs = [.. Enumerable.Range(0, Count * Count).Select(k => Costs switch
        {
            "uniform" => random.NextDouble(),
            "ties" => random.Next(Count),
            _ => Square(points[2 * (k / Count)] - points[2 * (Count + (k % Count))])
                + Square(points[(2 * (k / Count)) + 1] - points[(2 * (Count + (k % Count))) + 1]),
        })];
    }

    [Benchmark]
    public double Solve() => _engine.Assign(_costs, Count, Count, _rowToColumn, _workspace);

    private static double Square(double value) => value * value;
}

using OtEngine.Cli.Formats;

namespace OtEngine.Bench.Peers;

/// <summary>
/// The engine's side of one row of bench/peers: reads the arrays of a folder and solves them, one thread, from arrays to the
/// value. The row's kind is the first word of the folder's name.
/// </summary>
internal sealed class PeerRow : IDisposable
{
    private readonly Engine _engine = Engine.Create(options => options.Threads = 1);
    private readonly AssignmentWorkspace _workspace = new();
    private readonly string _folder;

    public PeerRow(string folder)
    {
        _folder = folder;
        string kind = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)).Split('-')[0];
        Solve = kind switch
        {
            "exact" => Exact(),
            "assignment" => Assignment(),
            "digits" => Digits(),
            "line" => Line(),
            _ => throw new ArgumentException($"'{kind}' is no kind of row; exact, assignment, digits or line is needed.", nameof(folder)),
        };
    }

    /// <summary>Solves the row: its value, and sum (i + 1)(j + 1) over the pairs of an assignment, else 0.</summary>
    public Func<(double Value, long Checksum)> Solve { get; }

    public void Dispose()
    {
        _workspace.Dispose();
        _engine.Dispose();
    }

    private Func<(double Value, long Checksum)> Exact()
    {
        double[] x = Read("x", out int dimension), y = Read("y", out _), a = Read("a", out _), b = Read("b", out _);
        return () =>
        {
            var geometry = new PointCloudGeometry<double>(x, y, dimension, Cost.SquaredEuclidean);
            using var result = _engine.Solve(TransportProblem.On(geometry).WithWeights(a, b), new Exact());
            return (Proven(result.Status, result.TransportCost), 0);
        };
    }

    private Func<(double Value, long Checksum)> Assignment()
    {
        double[] cost = Read("cost", out int columns);
        int[] rowToColumn = new int[cost.Length / columns];
        return () =>
        {
            double value = _engine.Assign(cost, rowToColumn.Length, columns, rowToColumn, _workspace);
            long checksum = 0;
            for (int i = 0; i < rowToColumn.Length; i++)
                checksum += (i + 1L) * (rowToColumn[i] + 1L);
            return (value, checksum);
        };
    }

    private Func<(double Value, long Checksum)> Digits()
    {
        double[] histograms = Read("histograms", out int bins), cost = Read("cost", out _);
        (int First, int Second)[] pairs = [.. Read("pairs", out _).Chunk(2).Select(pair => ((int)pair[0], (int)pair[1]))];
        double[] costs = new double[pairs.Length];
        return () =>
        {
            _engine.SolveCosts(new DenseGeometry<double>(cost, bins, bins), histograms, pairs, new Exact(), costs);
            return (costs.Sum(), 0);
        };
    }

    private Func<(double Value, long Checksum)> Line()
    {
        double[] x = Read("x", out _), y = Read("y", out _), a = Read("a", out _), b = Read("b", out _);
        return () =>
        {
            var result = _engine.Solve(LineProblem.Between<double>(x, y).WithWeights(a, b));
            return (Proven(result.Status, result.TransportCost), 0);
        };
    }

    private static double Proven(SolveStatus status, double value) =>
        status == SolveStatus.Converged ? value : throw new InvalidOperationException($"The solve ended as {status}.");

    private double[] Read(string name, out int columns)
    {
        NumericArray array = NumericFile.Read(Path.Combine(_folder, name + ".npy"));
        columns = array.AsMatrix().Columns;
        return array.Values;
    }
}

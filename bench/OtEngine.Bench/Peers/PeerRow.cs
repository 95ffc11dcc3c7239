using System.Numerics;
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
    private readonly SinkhornWorkspace<double> _entropicWorkspace = new();
    private readonly string _folder;

    public PeerRow(string folder)
    {
        _folder = folder;
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        string kind = name.Split('-')[0];
        Work = kind switch
        {
            "exact" => new PeerWork(Exact()),
            "assignment" => new PeerWork(Assignment()),
            "digits" => new PeerWork(Digits(name == "digits-entropic" ? new Sinkhorn { Epsilon = 1, Tolerance = 0, MaxIterations = 100 } : new Exact())),
            "line" => new PeerWork(Line()),
            "sinkhorn" => name.EndsWith("float32", StringComparison.Ordinal) ? Iterations<float>() : Iterations<double>(),
            "sliced" => new PeerWork(Slices()),
            "small" => new PeerWork(IntoMemory()),
            "tolerance" => new PeerWork(ToTolerance()),
            "gromov" => new PeerWork(name.EndsWith("float32", StringComparison.Ordinal) ? GromovSteps<float>() : GromovSteps<double>()),
            _ => throw new ArgumentException($"'{kind}' is no kind of row; exact, assignment, digits, line, sinkhorn, sliced, small, tolerance or gromov is needed.", nameof(folder)),
        };
    }

    /// <summary>What is timed.</summary>
    public PeerWork Work { get; }

    public void Dispose()
    {
        _entropicWorkspace.Dispose();
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

    private Func<(double Value, long Checksum)> Digits(TransportSolver solver)
    {
        double[] histograms = Read("histograms", out int bins), cost = Read("cost", out _);
        (int First, int Second)[] pairs = [.. Read("pairs", out _).Chunk(2).Select(pair => ((int)pair[0], (int)pair[1]))];
        double[] costs = new double[pairs.Length];
        return () =>
        {
            _engine.SolveCosts(new DenseGeometry<double>(cost, bins, bins), histograms, pairs, solver, costs);
            return (costs.Sum(), 0);
        };
    }

    private Func<(double Value, long Checksum)> Slices()
    {
        double[] x = Read("x", out int dimension), y = Read("y", out _);
        double[] a = [], b = [];
        if (File.Exists(Path.Combine(_folder, "a.npy")))
            (a, b) = (Read("a", out _), Read("b", out _));
        Sliced solver = new() { Directions = Read("directions", out _) };
        return () =>
        {
            PointCloudGeometry<double> points = new(x, y, dimension, Cost.SquaredEuclidean);
            SlicedResult<double> result = _engine.SolveSliced(TransportProblem.On(points).WithWeights(a, b), solver);
            return (Proven(result.Status, result.Distance), 0);
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

    /// <summary>20 and 120 plain sweeps from costs to plan and bracket; what they differ by is the time of 100.</summary>
    private PeerWork Iterations<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int Few = 20;
        const int Many = 120;
        TransportProblem<T> problem = Problem<T>(out double epsilon);
        return new PeerWork(Sweeps(Many), Sweeps(Few), Many - Few);

        Func<(double Value, long Checksum)> Sweeps(int count)
        {
            Sinkhorn solver = new() { Epsilon = epsilon, Tolerance = 0, MaxIterations = count };
            return () =>
            {
                using var result = _engine.Solve(problem, solver);
                return (result.TransportCost, 0);
            };
        }
    }

    /// <summary>100 plain sweeps into memory of the caller.</summary>
    private Func<(double Value, long Checksum)> IntoMemory()
    {
        TransportProblem<double> problem = Problem<double>(out double epsilon);
        Sinkhorn solver = new() { Epsilon = epsilon, Tolerance = 0, MaxIterations = 100 };
        double[] f = new double[problem.Geometry.Rows], g = new double[problem.Geometry.Columns];
        return () => (_engine.Solve(problem.Geometry, problem.WeightsA.Span, problem.WeightsB.Span, solver, _entropicWorkspace, f, g).TransportCost, 0);
    }

    private Func<(double Value, long Checksum)> ToTolerance()
    {
        TransportProblem<double> problem = Problem<double>(out double epsilon);
        return () =>
        {
            using var result = _engine.Solve(problem, new Sinkhorn { Epsilon = epsilon, Tolerance = 1e-6 });
            return (Proven(result.Status, result.TransportCost), 0);
        };
    }

    /// <summary>20 steps of projected gradient; the tolerance is none that they meet.</summary>
    private Func<(double Value, long Checksum)> GromovSteps<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] c1 = Elements<T>("c1", out int n), c2 = Elements<T>("c2", out int m), a = Elements<T>("a", out _), b = Elements<T>("b", out _);
        GromovWasserstein solver = new() { Epsilon = 0.01, MaxSteps = 20, MaxIterations = 100_000, StepSweeps = 1000, Tolerance = 1e-14 };
        return () =>
        {
            using var result = _engine.Solve(GromovProblem.On(new DenseGeometry<T>(c1, n, n), new DenseGeometry<T>(c2, m, m)).WithWeights(a, b), solver);
            return (result.Value, 0);
        };
    }

    private T[] Elements<T>(string name, out int columns)
        where T : unmanaged, IFloatingPointIeee754<T> => Array.ConvertAll(Read(name, out columns), T.CreateTruncating);

    private TransportProblem<T> Problem<T>(out double epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] costs = Array.ConvertAll(Read("cost", out int columns), T.CreateTruncating);
        epsilon = Read("epsilon", out _)[0];
        return TransportProblem.On(new DenseGeometry<T>(costs, costs.Length / columns, columns))
            .WithWeights(Array.ConvertAll(Read("a", out _), T.CreateTruncating), Array.ConvertAll(Read("b", out _), T.CreateTruncating));
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

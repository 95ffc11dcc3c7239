using System.Numerics;

namespace OtEngine.Tests;

/// <summary>Problems with weights of their own, some of them zero, that take few sweeps, and what tells their answers apart.</summary>
internal static class SmallProblem
{
    public static Sinkhorn Solver { get; } = new() { Epsilon = 2 };

    /// <summary>With passes over all pairs, however few there are.</summary>
    public static Exact Exact { get; } = new() { Method = ExactMethod.Hybrid };

    public static TransportProblem<double> Dense { get; } = DenseOf<double>(5, 7);

    public static TransportProblem<double> Points { get; } = PointsOf<double>(5, 7);

    /// <summary>Every bit that the answers of a solve have.</summary>
    public static double[] Bits(Engine engine, SmallSolve solve, CancellationToken token = default) => solve switch
    {
        SmallSolve.Dense => Bits(engine, [Dense], token),
        SmallSolve.Points => Bits(engine, [Points], token),
        SmallSolve.Grid => Bits(engine, [GridOf<double>()], token),
        SmallSolve.Batch => Bits(engine, BatchOf<double>(), token),
        SmallSolve.Exact => Bits(engine, [Points], token, Exact),
        SmallSolve.DenseOfFloats => Bits(engine, [DenseOf<float>(5, 7)], token),
        SmallSolve.PointsOfFloats => Bits(engine, [PointsOf<float>(5, 7)], token),
        SmallSolve.GridOfFloats => Bits(engine, [GridOf<float>()], token),
        SmallSolve.BatchOfFloats => Bits(engine, BatchOf<float>(), token),
        _ => throw new ArgumentOutOfRangeException(nameof(solve)),
    };

    /// <summary>Every bit that the answer of a problem has.</summary>
    public static double[] Bits(Engine engine, TransportProblem<double> problem) => Bits(engine, [problem], CancellationToken.None);

    private static double[] Bits<T>(Engine engine, TransportProblem<T>[] problems, CancellationToken token, TransportSolver? solver = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        IReadOnlyList<TransportResult<T>> results = engine.SolveBatch(problems, solver ?? Solver, cancellationToken: token);
        try
        {
            return [.. problems.Zip(results).SelectMany(pair => Bits(pair.First, pair.Second))];
        }
        finally
        {
            foreach (TransportResult<T> result in results)
                result.Dispose();
        }
    }

    private static double[] Bits<T>(TransportProblem<T> problem, TransportResult<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] image = new T[problem.Geometry.Rows];
        T[] ones = new T[problem.Geometry.Columns];
        Array.Fill(ones, T.One);
        result.Plan.Apply(ones, image);
        double[] plan = [.. result.Plan.ToSparse().Select(entry => entry.Mass)];
        return
        [
            result.TransportCost, result.RegularizedCost, result.LowerBound, result.UpperBound, (double)result.Status,
            .. result.Potentials.F.Span, .. result.Potentials.G.Span, .. Array.ConvertAll(image, double.CreateChecked), .. plan,
        ];
    }

    private static TransportProblem<T> DenseOf<T>(int rows, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Random random = new(3);
        return Weighted(random, new DenseGeometry<T>(Draw<T>(random, rows * columns), rows, columns));
    }

    private static TransportProblem<T> PointsOf<T>(int rows, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Random random = new(4);
        return Weighted(random, new PointCloudGeometry<T>(Draw<T>(random, rows * 2), Draw<T>(random, columns * 2), 2, Cost.Euclidean));
    }

    private static TransportProblem<T> GridOf<T>()
        where T : unmanaged, IFloatingPointIeee754<T> => Weighted(new Random(5), new GridGeometry<T>([3, 4], spacing: 0.3));

    /// <summary>Ragged, two of them on one geometry.</summary>
    private static TransportProblem<T>[] BatchOf<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TransportProblem<T> dense = DenseOf<T>(5, 7);
        return [dense, PointsOf<T>(1, 3), Weighted(new Random(6), dense.Geometry)];
    }

    private static TransportProblem<T> Weighted<T>(Random random, Geometry<T> geometry)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] a = Draw<T>(random, geometry.Rows);
        T[] b = Draw<T>(random, geometry.Columns);
        if (a.Length > 2)
            a[2] = T.Zero;
        b[1] = T.Zero;
        double ratio = a.Sum(double.CreateChecked) / b.Sum(double.CreateChecked);
        return TransportProblem.On(geometry).WithWeights(a, Array.ConvertAll(b, weight => T.CreateChecked(double.CreateChecked(weight) * ratio)));
    }

    private static T[] Draw<T>(Random random, int count)
        where T : unmanaged, IFloatingPointIeee754<T> => [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(random.NextDouble()))];
}

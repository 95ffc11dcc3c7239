using System.Numerics.Tensors;

namespace OtEngine.Tests;

/// <summary>A problem with weights of its own, some of them zero, that takes few sweeps, and what tells its answers apart.</summary>
internal static class SmallProblem
{
    public static Sinkhorn Solver { get; } = new() { Epsilon = 0.5 };

    public static TransportProblem<double> Dense { get; } = Between(dense: true);

    public static TransportProblem<double> Points { get; } = Between(dense: false);

    /// <summary>Every bit that an answer has.</summary>
    public static double[] Bits(Engine engine, TransportProblem<double> problem)
    {
        using TransportResult<double> result = engine.Solve(problem, Solver);
        double[] image = new double[problem.Geometry.Rows];
        double[] ones = new double[problem.Geometry.Columns];
        Array.Fill(ones, 1);
        result.Plan.Apply(ones, image);
        return [result.TransportCost, result.RegularizedCost, result.LowerBound, result.UpperBound, (double)result.Status, .. result.Potentials.F.Span, .. result.Potentials.G.Span, .. image];
    }

    private static TransportProblem<double> Between(bool dense)
    {
        const int Rows = 5;
        const int Columns = 7;
        Random random = new(3);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
        double[] a = Draw(Rows);
        double[] b = Draw(Columns);
        a[2] = 0;
        b[4] = 0;
        double ratio = a.Sum() / b.Sum();
        b = Array.ConvertAll(b, weight => weight * ratio);
        TransportProblem<double> problem = dense
            ? TransportProblem.FromCosts(Tensor.Create(Draw(Rows * Columns), [Rows, Columns]))
            : TransportProblem.Between(Tensor.Create(Draw(Rows * 2), [Rows, 2]), Tensor.Create(Draw(Columns * 2), [Columns, 2]), Cost.Euclidean);
        return problem.WithWeights(a, b);
    }
}

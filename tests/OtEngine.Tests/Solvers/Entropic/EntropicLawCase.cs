using FsCheck;
using FsCheck.Fluent;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>A generated entropic problem, remembered by what it was generated from, so that it prints short and shrinks.</summary>
/// <param name="Problem">Costs and weights; totals up to 196.</param>
/// <param name="Decade">eps is ten to this, of the median of |C|, in tenths: -30 to 10.</param>
internal sealed record EntropicLawCase(ExactLawCase Problem, int Decade)
{
    public static Gen<EntropicLawCase> Cases => From(-30);

    /// <summary>eps at least a tenth of the median cost, where plain sweeps converge soon.</summary>
    public static Gen<EntropicLawCase> Smooth => From(-10);

    public double[] A => Problem.A;

    public double[] B => Problem.B;

    public double[] Cost => Problem.Cost;

    public double Mass => NeumaierSum.Of(A);

    public double Epsilon
    {
        get
        {
            double[] sorted = [.. Cost.Select(Math.Abs).Order()];
            double median = sorted[sorted.Length / 2];
            return Math.Pow(10, Decade / 10.0) * (median > 0 ? median : 1);
        }
    }

    /// <summary>eps, and marginals tight enough that two answers agree.</summary>
    public Sinkhorn Solver => new() { Epsilon = Epsilon, Tolerance = Tolerance };

    public const double Tolerance = 1e-9;

    public TransportProblem<double> Stated => ExactInputs.Dense<double>(Cost, A, B);

    public static IEnumerable<EntropicLawCase> Smaller(EntropicLawCase @case)
    {
        foreach (ExactLawCase smaller in ExactLawCase.Smaller(@case.Problem))
            yield return @case with { Problem = smaller };
        if (@case.Decade < 0)
            yield return @case with { Decade = @case.Decade / 2 };
    }

    private static Gen<EntropicLawCase> From(int decade) =>
        from problem in ExactLawCase.Cases
        from drawn in Gen.Choose(decade, 10)
        select new EntropicLawCase(problem, drawn);
}

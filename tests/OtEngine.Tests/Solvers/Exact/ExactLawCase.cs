using FsCheck;
using FsCheck.Fluent;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>What the costs of a generated problem are like.</summary>
internal enum ExactLawCosts
{
    /// <summary>Whole numbers from 0 to 3: ties nearly everywhere.</summary>
    Tied,

    /// <summary>Whole numbers up to 1000.</summary>
    Whole,

    /// <summary>Normal numbers of either sign.</summary>
    Signed,

    /// <summary>Twelve orders of magnitude.</summary>
    Wide,

    /// <summary>Squared distances of points on a 4-point-wide grid, many of them equal.</summary>
    EqualPoints,
}

/// <summary>A generated problem, remembered by what it was generated from, so that it prints short and shrinks.</summary>
internal sealed record ExactLawCase(int Seed, int N, int M, ExactLawCosts Costs, bool UniformWeights)
{
    private const int LargestSide = 14;

    public static Gen<ExactLawCase> Cases =>
        from seed in Gen.Choose(0, 1_000_000)
        from n in Gen.Choose(1, LargestSide)
        from m in Gen.Choose(1, LargestSide)
        from costs in Gen.Choose(0, 4)
        from uniform in Gen.Choose(0, 7)
        select new ExactLawCase(seed, n, m, (ExactLawCosts)costs, uniform == 0);

    /// <summary>n weights k / 2^20, about a fifth of them zero, of total one; or all equal.</summary>
    public double[] A => UniformWeights ? [.. Enumerable.Repeat((double)M, N)] : Drawn.ExactWeights(Seed + 1, N);

    /// <summary>m weights of the same total to the last bit.</summary>
    public double[] B => UniformWeights ? [.. Enumerable.Repeat((double)N, M)] : Drawn.ExactWeights(Seed + 2, M);

    public double[] Cost => Costs switch
    {
        ExactLawCosts.Tied => Drawn.Costs(Seed, N, M, 3),
        ExactLawCosts.Whole => Drawn.Costs(Seed, N, M, 1000),
        ExactLawCosts.Signed => Drawn.Cloud(Seed, N, M),
        ExactLawCosts.Wide => [.. Drawn.Uniform(Seed, N * M).Select(u => Math.Pow(10, (12 * u) - 6))],
        _ => NaiveCost.SquaredEuclidean.Between(Drawn.CoincidingCloud(Seed, N, 2), Drawn.CoincidingCloud(Seed + 3, M, 2), 2),
    };

    public TransportProblem<double> Problem => ExactInputs.Dense<double>(Cost, A, B);

    public static IEnumerable<ExactLawCase> Smaller(ExactLawCase @case)
    {
        if (@case.N > 1)
        {
            yield return @case with { N = @case.N / 2 };
            yield return @case with { N = @case.N - 1 };
        }

        if (@case.M > 1)
        {
            yield return @case with { M = @case.M / 2 };
            yield return @case with { M = @case.M - 1 };
        }

        if (@case.Costs > ExactLawCosts.Tied)
            yield return @case with { Costs = ExactLawCosts.Tied };
    }
}

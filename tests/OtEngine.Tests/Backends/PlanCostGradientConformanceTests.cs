using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verb PlanCostGradient against the naive reference, from any potentials.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class PlanCostGradientConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Exponents of a few units and sums of a few hundred terms, in double whatever the elements; powers by logarithms lose some digits more.
    private const double Rounding = 1e-11;
    private const long Roomy = 256 << 20;

    private static readonly NaiveCost[] Grounds =
    [
        NaiveCost.SquaredEuclidean, NaiveCost.Euclidean, NaiveCost.Manhattan, NaiveCost.Chebyshev, NaiveCost.Cosine, NaiveCost.PNorm(3, 1),
        NaiveCost.PNorm(1.5, 2), NaiveCost.PNorm(2, .5), NaiveCost.PNorm(1, 3), NaiveCost.PNorm(double.PositiveInfinity, 2),
    ];

    private static IEnumerable<Case> Cases()
    {
        foreach (NaiveCost ground in Grounds)
        {
            foreach (int dimension in new[] { 1, 2, 3, 8, 9, 64 })
                yield return new Case(ground, 31, 33, dimension);
        }

        foreach ((int n, int m) in new[] { (1, 1), (1, 32), (33, 1), (7, 8), (9, 255), (256, 3), (257, 67) })
        {
            yield return new Case(NaiveCost.Euclidean, n, m, 3);
            yield return new Case(NaiveCost.Chebyshev, n, m, 11);
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void PlanCostGradient_EitherSide_IsTheNaiveGradient(Case drawn)
    {
        double[] Points(int seed, int count) => ExactInputs.Seen<T>(Drawn.Cloud(seed, count, drawn.Dimension, .25));
        RequireNaive(drawn, Points(drawn.Rows, drawn.Rows), Points(drawn.Columns + 1, drawn.Columns));
    }

    [TestCaseSource(nameof(Grounds))]
    public void PlanCostGradient_PointsAndCoordinatesThatCoincide_HaveTheSubgradientOfTheConvention(NaiveCost ground)
    {
        // One added to every coordinate, so that no point is zero.
        double[] Points(int seed, int count) => [.. Drawn.CoincidingCloud(seed, count, 3).Select(t => t + 1)];
        RequireNaive(new Case(ground, 23, 40, 3), Points(1, 23), Points(2, 40));
        double[] Wide(int seed, int count) => [.. Drawn.CoincidingCloud(seed, count, 10).Select(t => t + 1)];
        RequireNaive(new Case(ground, 23, 40, 10), Wide(1, 23), Wide(2, 40));
    }

    [Test]
    public void PlanCostGradient_PairsTooFarForAnyPlan_TakeNoPart([Values] TransportSide side)
    {
        // Of doubles the differences themselves are beyond the range of numbers.
        double far = typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue;
        foreach (NaiveCost ground in Grounds.Where(ground => ground != NaiveCost.Cosine))
        {
            Problem only = new(new Case(ground, 2, 2, 1), [-far, 1], [1, far]);
            Assert.That(Gradients([only], side)[0], Is.All.Zero, ground.Name);
        }
    }

    [Test]
    public void PlanCostGradient_ProblemsOfAnyKindInOneTable_HaveTheBitsOfEachAlone([Values] TransportSide side)
    {
        List<Problem> problems = [];
        foreach (NaiveCost ground in Grounds)
        {
            int seed = problems.Count, dimension = 1 + (seed * 7 % 12), n = 1 + (seed * 13 % 40), m = 1 + (seed * 29 % 70);
            problems.Add(new Problem(new Case(ground, n, m, dimension), ExactInputs.Seen<T>(Drawn.Cloud(seed, n, dimension)), ExactInputs.Seen<T>(Drawn.Cloud(seed + 1, m, dimension))));
        }

        double[][] together = Gradients(problems, side);
        for (int k = 0; k < problems.Count; k++)
            Assert.That(together[k], Is.EqualTo(Gradients([problems[k]], side)[0]), problems[k].Drawn.ToString());
    }

    [Test]
    public void PlanCostGradient_LargeProblem_HasTheSameBitsOnAnyThreads()
    {
        Problem large = new(new Case(NaiveCost.Euclidean, 1100, 1000, 2), Drawn.Cloud(1, 1100, 2), Drawn.Cloud(2, 1000, 2));
        Assert.That(Gradients([large], TransportSide.A, threads: 3)[0], Is.EqualTo(Gradients([large], TransportSide.A, threads: 1)[0]));
    }

    [Test]
    public void PlanCostGradient_CostsWithoutPoints_AreRefused()
    {
        using Backend backend = Engines.CreateBackend();
        using ProblemTable<T> table = ProblemTable<T>.Of([TransportProblem.On(new DenseGeometry<T>([T.Zero], 1, 1))]);
        using LoadedTable<T> loaded = backend.Load(table);
        using BackendBuffer<double> potentials = backend.Allocate<double>(2);
        ProblemException refused = Assert.Throws<ProblemException>(() => backend.PlanCostGradient(
            loaded, new[] { 1.0 }, potentials, TransportSide.A, potentials, new Execution(backend, 1, Roomy, null, CancellationToken.None)))!;
        Assert.That(refused.Error, Is.EqualTo(ProblemError.Unsupported));
        Assert.That(refused.Message, Does.Contain("DenseGeometry"));
    }

    private static void RequireNaive(Case drawn, double[] x, double[] y)
    {
        Problem problem = new(drawn, x, y);
        double[] back = NaiveSoftMin.Transposed(problem.Plan, drawn.Rows);
        Require(TransportSide.A, NaiveCostGradient.OfPlan(drawn.Ground, problem.Plan, x, y, drawn.Dimension));
        Require(TransportSide.B, NaiveCostGradient.OfPlan(drawn.Ground, back, y, x, drawn.Dimension));

        void Require(TransportSide side, double[] expected) =>
            Assert.That(Gradients([problem], side)[0], Is.EqualTo(expected).Within(Rounding * (1 + expected.Max(Math.Abs))), $"side {side}");
    }

    private static double[][] Gradients(IReadOnlyList<Problem> problems, TransportSide side, int threads = 2)
    {
        using Backend backend = Engines.CreateBackend();
        using ProblemTable<T> table = ProblemTable<T>.Of([.. problems.Select(problem => problem.Transport)]);
        using LoadedTable<T> loaded = backend.Load(table);
        using BackendBuffer<double> potentials = backend.Allocate<double>(table.PotentialCount);
        long[] offsets = table.CoordinateOffsets(side);
        using BackendBuffer<double> gradients = backend.Allocate<double>(offsets[^1]);
        for (int row = 0; row < problems.Count; row++)
        {
            potentials.CopyFrom(problems[row].F, table.Rows[row].PotentialsA);
            potentials.CopyFrom(problems[row].G, table.Rows[row].PotentialsB);
        }

        double[] epsilons = [.. problems.Select(problem => problem.Epsilon)];
        backend.PlanCostGradient(loaded, epsilons, potentials, side, gradients, new Execution(backend, threads, Roomy, null, CancellationToken.None));
        double[][] found = new double[problems.Count][];
        for (int row = 0; row < found.Length; row++)
        {
            found[row] = new double[offsets[row + 1] - offsets[row]];
            gradients.CopyTo(found[row], offsets[row]);
        }

        return found;
    }

    /// <summary>A ground cost and a shape.</summary>
    public sealed record Case(NaiveCost Ground, int Rows, int Columns, int Dimension)
    {
        public override string ToString() => $"{Ground.Name}, {Rows} x {Columns}, d = {Dimension}";
    }

    /// <summary>Points with uneven weights, a fifth of them zero, and potentials of the size of the costs.</summary>
    private sealed class Problem
    {
        private readonly double[] _cost;
        private readonly double[] _a;
        private readonly double[] _b;

        public Problem(Case drawn, double[] x, double[] y)
        {
            Drawn = drawn;
            _cost = drawn.Ground.Between(x, y, drawn.Dimension);
            _a = TestSupport.Drawn.ExactWeights(drawn.Rows, drawn.Rows);
            _b = TestSupport.Drawn.ExactWeights(drawn.Columns + 1, drawn.Columns);
            Transport = ExactInputs.Points<T>(x, y, drawn.Dimension, ExactInputs.CostOf(drawn.Ground), _a, _b);
            double[] finite = [.. _cost.Where(double.IsFinite)];
            Epsilon = 1e-3 + Math.Min(finite.Average(), 1e3);
            F = [.. TestSupport.Drawn.Uniform(7, drawn.Rows).Select(u => (u - .5) * Epsilon)];
            G = [.. TestSupport.Drawn.Uniform(8, drawn.Columns).Select(u => (u - .5) * Epsilon)];
        }

        public Case Drawn { get; }

        public TransportProblem<T> Transport { get; }

        public double Epsilon { get; }

        public double[] F { get; }

        public double[] G { get; }

        public double[] Plan => NaiveEntropic.Plan(_cost, _a, _b, F, G, Epsilon);
    }
}

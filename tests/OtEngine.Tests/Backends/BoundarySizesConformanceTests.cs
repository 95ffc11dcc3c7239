using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>
/// Every verb on one ragged table whose problems are as large as a warp, a block or a part is, one less and one more: within the error that is
/// allowed of each element type, and within thirty units of what rounding must cost; and with the bits of each problem alone.
/// </summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class BoundarySizesConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const double Epsilon = .4;
    private const double Spread = .5;
    private const int Sweeps = 2;
    private const int Width = 3;
    private const int Dimension = 2;

    private static readonly (string Kind, int Rows, int Columns)[] Shapes =
    [
        ("dense", 1, 1), ("points", 1, 1), ("dense", 1, 256), ("points", 257, 1), ("dense", 31, 33), ("points", 32, 31), ("dense", 33, 32),
        ("dense", 255, 257), ("points", 256, 255), ("dense", 257, 256), ("dense", 3, 1025), ("points", 1031, 2), ("dense", 2, 4099),
    ];

    /// <summary>What a verb may be wrong by, relative to the largest number of its result.</summary>
    private static readonly double Allowed = typeof(T) == typeof(float) ? 1e-4 : 1e-10;

    private static readonly double Roundoff = double.CreateTruncating(T.BitIncrement(T.One) - T.One) / 2;

    private readonly List<Problem> _problems = [];
    private Backend _backend = null!;

    [OneTimeSetUp]
    public void Begin()
    {
        _backend = Engines.CreateBackend();
        foreach ((string kind, int rows, int columns) in Shapes)
            _problems.Add(new Problem(kind, rows, columns));
    }

    [OneTimeTearDown]
    public void End() => _backend?.Dispose();

    [Test]
    public void CostMatrix_IsThatOfThePairs() => Check(CostMatrix, problem => [problem.Cost], _ => 1);

    [Test]
    public void CostReduce_IsTheirLeastLargestAndMean() =>
        Check(CostReduce, problem => [[problem.Cost.Min(), problem.Cost.Max(), problem.Cost.Average()]], problem => problem.Rows + problem.Columns);

    [Test]
    public void SinkhornSweep_IsTheNaiveOne() => Check(SinkhornSweep, problem => [problem.Swept()], problem => problem.Terms);

    [Test]
    public void SoftMin_IsTheTransformOfAtomsWithoutMass() => Check(SoftMin, problem => [problem.Extended()], problem => problem.Terms);

    [Test]
    public void PlanReduce_HasTheNaiveMarginals() => Check(PlanReduce, problem => [[problem.TransportCost, problem.Mass], problem.Marginals()], problem => problem.Terms);

    [Test]
    public void PlanReduce_HasTheNaiveBracket() => Check(Bracket, problem => [[problem.LowerBound, problem.UpperBound]], problem => problem.Terms);

    [Test]
    public void PlanApplyAndPlanWrite_AreTheNaiveProductsAndEntries() => Check(
        Plans,
        problem => [NaiveEntropic.Apply(problem.Plan, problem.V, Width), NaiveEntropic.Apply(NaiveSoftMin.Transposed(problem.Plan, problem.Rows), problem.W, Width), problem.Plan],
        problem => problem.Terms);

    [Test]
    public void PlanCostGradient_IsTheNaiveGradient([Values] TransportSide side) => Check(
        (table, problems) => Gradients(table, problems, side), problem => [problem.Gradient(side)], problem => 4 * problem.Terms, [.. _problems.Where(problem => problem.HasPoints)]);

    /// <summary>All problems in one table against the reference, and with the bits of each in a table of its own.</summary>
    private void Check(
        Func<EntropicTable<T>, IReadOnlyList<Problem>, double[][][]> run, Func<Problem, double[][]> expected, Func<Problem, double> terms, IReadOnlyList<Problem>? chosen = null)
    {
        chosen ??= _problems;
        double[][][] found = Run(chosen);
        for (int row = 0; row < chosen.Count; row++)
        {
            double[][] reference = expected(chosen[row]);
            for (int part = 0; part < reference.Length; part++)
            {
                (double relative, double residual) = ScaledResidual.Of(found[row][part], reference[part], Roundoff, terms(chosen[row]));
                using (Assert.EnterMultipleScope())
                {
                    Assert.That(relative, Is.LessThanOrEqualTo(Allowed), $"{chosen[row]}, result {part}");
                    Assert.That(residual, Is.LessThan(ScaledResidual.Most), $"{chosen[row]}, result {part}");
                }
            }

            Assert.That(Run([chosen[row]])[0], Is.EqualTo(found[row]), $"{chosen[row]} alone");
        }

        double[][][] Run(IReadOnlyList<Problem> problems)
        {
            using EntropicTable<T> table = new(_backend, [.. problems.Select(problem => problem.Transport)], Epsilon, 1 << 28, threads: 2);
            return run(table, problems);
        }
    }

    private double[][][] CostMatrix(EntropicTable<T> table, IReadOnlyList<Problem> problems)
    {
        long[] offsets = new long[problems.Count + 1];
        for (int row = 0; row < problems.Count; row++)
            offsets[row + 1] = offsets[row] + problems[row].Cost.Length;
        using BackendBuffer<T> costs = _backend.Allocate<T>(offsets[^1]);
        _backend.CostMatrix(table.Loaded, offsets.AsSpan(0, problems.Count), costs, table.Execution);
        return [.. problems.Select((problem, row) =>
        {
            T[] found = new T[problem.Cost.Length];
            costs.CopyTo(found, offsets[row]);
            return (double[][])[Array.ConvertAll(found, double.CreateTruncating)];
        })];
    }

    private double[][][] CostReduce(EntropicTable<T> table, IReadOnlyList<Problem> problems)
    {
        CostStatistics[] statistics = new CostStatistics[problems.Count];
        _backend.CostReduce(table.Loaded, statistics, table.Execution);
        return [.. statistics.Select(found => (double[][])[[found.Least, found.Largest, found.MeanMagnitude]])];
    }

    private static double[][][] SinkhornSweep(EntropicTable<T> table, IReadOnlyList<Problem> problems)
    {
        table.Sweep([.. problems.Select(problem => (problem.F, problem.G))], Sweeps, omega: 1);
        return [.. problems.Select((problem, row) => (double[][])[problem.Masked(table.Potentials(row))])];
    }

    private double[][][] SoftMin(EntropicTable<T> table, IReadOnlyList<Problem> problems)
    {
        table.SetPotentials([.. problems.Select(problem => (problem.F, problem.G))]);
        _backend.SoftMin(table.Loaded, Epsilons(problems), table.AllPotentials, table.Execution);
        return [.. problems.Select((_, row) => (double[][])[[.. table.Potentials(row).F, .. table.Potentials(row).G]])];
    }

    private double[][][] PlanReduce(EntropicTable<T> table, IReadOnlyList<Problem> problems)
    {
        table.SetPotentials([.. problems.Select(problem => (problem.F, problem.G))]);
        PlanReduction[] reductions = new PlanReduction[problems.Count];
        using BackendBuffer<double> marginals = _backend.Allocate<double>(problems.Sum(problem => problem.Rows + problem.Columns));
        _backend.PlanReduce(table.Loaded, Epsilons(problems), table.AllPotentials, marginals, bracket: false, reductions, table.Execution);
        return [.. reductions.Select((found, row) =>
        {
            (double[] rows, double[] columns) = table.Read(marginals, row);
            return (double[][])[[found.TransportCost, found.Mass], [.. rows, .. columns]];
        })];
    }

    private static double[][][] Bracket(EntropicTable<T> table, IReadOnlyList<Problem> problems)
    {
        table.SetPotentials([.. problems.Select(problem => (problem.F, problem.G))]);
        return [.. table.Reduce(bracket: true).Select(found => (double[][])[[found.LowerBound, found.UpperBound]])];
    }

    private double[][][] Plans(EntropicTable<T> table, IReadOnlyList<Problem> problems)
    {
        table.SetPotentials([.. problems.Select(problem => (problem.F, problem.G))]);
        return [.. problems.Select((problem, row) =>
        {
            using LoadedPlan plan = _backend.LoadPlan(table.Loaded, row, Epsilon, table.AllPotentials, keep: false, table.Execution);
            double[] images = new double[problem.Rows * Width], back = new double[problem.Columns * Width], entries = new double[problem.Cost.Length];
            plan.Apply(transposed: false, problem.V, Width, images, table.Execution);
            plan.Apply(transposed: true, problem.W, Width, back, table.Execution);
            plan.Write(0, problem.Rows, entries, table.Execution);
            return (double[][])[images, back, entries];
        })];
    }

    private double[][][] Gradients(EntropicTable<T> table, IReadOnlyList<Problem> problems, TransportSide side)
    {
        table.SetPotentials([.. problems.Select(problem => (problem.F, problem.G))]);
        long[] offsets = table.CoordinateOffsets(side);
        using BackendBuffer<double> gradients = _backend.Allocate<double>(offsets[^1]);
        _backend.PlanCostGradient(table.Loaded, Epsilons(problems), table.AllPotentials, side, gradients, table.Execution);
        return [.. problems.Select((_, row) =>
        {
            double[] found = new double[offsets[row + 1] - offsets[row]];
            gradients.CopyTo(found, offsets[row]);
            return (double[][])[found];
        })];
    }

    private static double[] Epsilons(IReadOnlyList<Problem> problems) => [.. problems.Select(_ => Epsilon)];

    /// <summary>Uneven weights, a fifth of them zero, potentials, and what the naive reference makes of them.</summary>
    private sealed class Problem
    {
        private readonly string _kind;
        private readonly double[] _x;
        private readonly double[] _y;
        private readonly double[] _a;
        private readonly double[] _b;

        public Problem(string kind, int rows, int columns)
        {
            (_kind, Rows, Columns) = (kind, rows, columns);
            (_a, _b) = (Drawn.ExactWeights(rows, rows), Drawn.ExactWeights(columns + 1, columns));
            (_x, _y) = (ExactInputs.Seen<T>(Drawn.Uniform(rows, Dimension * rows)), ExactInputs.Seen<T>(Drawn.Uniform(columns + 1, Dimension * columns)));
            Cost = HasPoints ? NaiveCost.SquaredEuclidean.Between(_x, _y, Dimension) : ExactInputs.Seen<T>(Drawn.Uniform(rows + columns, rows * columns));
            Transport = HasPoints ? ExactInputs.Points<T>(_x, _y, Dimension, OtEngine.Cost.SquaredEuclidean, _a, _b) : ExactInputs.Dense<T>(Cost, _a, _b);
            F = [.. Drawn.Uniform(7, rows).Select(u => (u - .5) * Spread)];
            G = [.. Drawn.Uniform(8, columns).Select(u => (u - .5) * Spread)];
            (V, W) = (Drawn.Cloud(5, columns, Width), Drawn.Cloud(6, rows, Width));
            Plan = NaiveEntropic.Plan(Cost, _a, _b, F, G, Epsilon);
        }

        public int Rows { get; }

        public int Columns { get; }

        public TransportProblem<T> Transport { get; }

        public bool HasPoints => _kind == "points";

        public double[] Cost { get; }

        public double[] F { get; }

        public double[] G { get; }

        public double[] V { get; }

        public double[] W { get; }

        public double[] Plan { get; }

        /// <summary>Of the longest sum, and the largest exponent: costs of at most two and potentials over eps, in powers of two.</summary>
        public double Terms => Rows + Columns + (4 / Epsilon);

        public double TransportCost => TransportEvidence.TransportCost(Cost, Plan);

        public double Mass => NeumaierSum.Of(Plan);

        /// <summary>f is the hard transform of g, and then g of f.</summary>
        public double LowerBound
        {
            get
            {
                double[] f = NaiveSoftMin.OfColumns(Cost, G, _b, 0);
                return TransportEvidence.DualCost(f, NaiveSoftMin.OfRows(Cost, f, _a, 0), _a, _b);
            }
        }

        public double UpperBound => TransportEvidence.TransportCost(Cost, NaiveEntropic.Rounded(Plan, _a, _b));

        public double[] Marginals() => [.. NaiveEntropic.RowSums(Plan, Rows), .. NaiveEntropic.RowSums(NaiveSoftMin.Transposed(Plan, Rows), Columns)];

        public double[] Extended()
        {
            double[] softF = NaiveSoftMin.OfColumns(Cost, G, _b, Epsilon), softG = NaiveSoftMin.OfRows(Cost, F, _a, Epsilon);
            return [.. F.Select((p, i) => _a[i] > 0 ? p : softF[i]), .. G.Select((p, j) => _b[j] > 0 ? p : softG[j])];
        }

        public double[] Swept()
        {
            (double[] F, double[] G) state = (F, G);
            for (int sweep = 0; sweep < Sweeps; sweep++)
                state = NaiveSinkhorn.Sweep(Cost, _a, _b, state.F, state.G, Epsilon, 1);
            return Masked(state);
        }

        /// <summary>
        /// Potentials of the atoms with mass, which alone a sweep changes, that of the first taken from one side to the other: a constant between
        /// the sides, which sums shifted by their maxima move, changes no plan.
        /// </summary>
        public double[] Masked((double[] F, double[] G) state)
        {
            double constant = state.F[Array.FindIndex(_a, weight => weight > 0)];
            return [.. state.F.Where((_, i) => _a[i] > 0).Select(f => f - constant), .. state.G.Where((_, j) => _b[j] > 0).Select(g => g + constant)];
        }

        public double[] Gradient(TransportSide side) => side == TransportSide.A
            ? NaiveCostGradient.OfPlan(NaiveCost.SquaredEuclidean, Plan, _x, _y, Dimension)
            : NaiveCostGradient.OfPlan(NaiveCost.SquaredEuclidean, NaiveSoftMin.Transposed(Plan, Rows), _y, _x, Dimension);

        public override string ToString() => $"{_kind} {Rows} x {Columns}";
    }
}

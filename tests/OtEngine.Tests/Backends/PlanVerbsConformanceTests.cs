using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verbs CostReduce, PlanReduce, SoftMin, PlanApply and PlanWrite against the naive reference, from any potentials.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class PlanVerbsConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const double Epsilon = .3;

    private const long Roomy = 256 << 20;

    // Exponents up to a hundred and sums of a few thousand terms, in double whatever the elements.
    private const double Rounding = 1e-11;

    private static IEnumerable<Case> Cases()
    {
        foreach ((int n, int m) in new[] { (1, 1), (1, 9), (9, 1), (3, 7), (8, 8), (13, 15), (16, 17), (33, 31), (70, 131), (130, 65) })
        {
            yield return new Case("dense", n, m);
            yield return new Case("points", n, m);
        }

        yield return new Case("grid", 24, 24);
        yield return new Case("grid", 35, 35);
    }

    [TestCaseSource(nameof(Cases))]
    public void CostReduce_AllPairs_HasTheirLeastLargestAndMean(Case drawn)
    {
        using Setup setup = new(drawn, 1);
        CostStatistics[] statistics = new CostStatistics[1];
        setup.Backend.CostReduce(setup.Loaded, statistics, setup.Execution);

        // Costs of points and of axes may be out by roundings of their own.
        using (Assert.EnterMultipleScope())
        {
            Assert.That(statistics[0].Least, Is.EqualTo(setup.Cost.Min()).Within(Rounding));
            Assert.That(statistics[0].Largest, Is.EqualTo(setup.Cost.Max()).Within(Rounding));
            Assert.That(statistics[0].MeanMagnitude, Is.EqualTo(setup.Cost.Average(Math.Abs)).Within(Rounding));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void PlanReduce_AnyPotentials_AreTheNaiveSums(Case drawn)
    {
        using Setup setup = new(drawn, .5);
        PlanReduction[] reductions = new PlanReduction[1];
        using BackendBuffer<double> marginals = setup.Backend.Allocate<double>(setup.Table.PotentialCount);
        setup.Backend.PlanReduce(setup.Loaded, new[] { Epsilon }, setup.Potentials, marginals, false, reductions, setup.Execution);
        PlanReduction found = reductions[0];
        double[] rows = new double[drawn.Rows], columns = new double[drawn.Columns];
        marginals.CopyTo(rows, 0);
        marginals.CopyTo(columns, drawn.Rows);

        (double errorA, double errorB) = NaiveEntropic.MarginalErrors(setup.Plan, setup.A, setup.B);
        double mass = NeumaierSum.Of(setup.Plan), scale = 1 + mass;
        double entropy = NaiveEntropic.KullbackLeibler(setup.Plan, setup.A, setup.B) + mass - NeumaierSum.Of(setup.A.SelectMany(w => setup.B.Select(v => w * v)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.TransportCost, Is.EqualTo(TransportEvidence.TransportCost(setup.Cost, setup.Plan)).Within(Rounding * scale));
            Assert.That(found.Mass, Is.EqualTo(mass).Within(Rounding * scale));
            Assert.That(found.Entropy, Is.EqualTo(entropy).Within(100 * Rounding * scale));
            Assert.That(found.Linear, Is.EqualTo(TransportEvidence.DualCost(setup.F, setup.G, setup.A, setup.B)).Within(Rounding * scale));
            Assert.That(found.ErrorA, Is.EqualTo(errorA).Within(Rounding * scale));
            Assert.That(found.ErrorB, Is.EqualTo(errorB).Within(Rounding * scale));
            Assert.That(rows, Is.EqualTo(NaiveEntropic.RowSums(setup.Plan, drawn.Rows)).Within(Rounding * scale));
            Assert.That(columns, Is.EqualTo(NaiveEntropic.RowSums(NaiveSoftMin.Transposed(setup.Plan, drawn.Rows), drawn.Columns)).Within(Rounding * scale));
            Assert.That((found.LowerBound, found.UpperBound), Is.EqualTo((double.NaN, double.NaN)));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void PlanReduce_AnyPotentials_HasTheNaiveBracket(Case drawn)
    {
        using Setup setup = new(drawn, .5);
        PlanReduction[] reductions = new PlanReduction[1];
        setup.Backend.PlanReduce(setup.Loaded, new[] { Epsilon }, setup.Potentials, null, true, reductions, setup.Execution);

        // f is the hard transform of g, and then g of f.
        double[] f = NaiveSoftMin.OfColumns(setup.Cost, setup.G, setup.B, 0);
        double lower = TransportEvidence.DualCost(f, NaiveSoftMin.OfRows(setup.Cost, f, setup.A, 0), setup.A, setup.B);
        double upper = TransportEvidence.TransportCost(setup.Cost, NaiveEntropic.Rounded(setup.Plan, setup.A, setup.B));
        Assert.That(reductions[0].LowerBound, Is.EqualTo(lower).Within(Rounding));
        Assert.That(reductions[0].UpperBound, Is.EqualTo(upper).Within(Rounding));
    }

    [TestCaseSource(nameof(Cases))]
    public void PlanReduce_PotentialsFarOffOrNoNumbers_BracketTheExactCostAllTheSame(Case drawn)
    {
        foreach (double spread in new[] { 1e3, 1e9, 1e17, 1e100, 1e308, double.PositiveInfinity, double.NaN })
        {
            using Setup setup = new(drawn, spread);
            PlanReduction[] reductions = new PlanReduction[1];
            setup.Backend.PlanReduce(setup.Loaded, new[] { Epsilon }, setup.Potentials, null, true, reductions, setup.Execution);

            double exact = setup.Exact;
            Assert.That(reductions[0].LowerBound, Is.LessThanOrEqualTo(exact + Rounding), $"spread {spread}");
            Assert.That(reductions[0].UpperBound, Is.GreaterThanOrEqualTo(exact - Rounding).And.LessThanOrEqualTo(TransportEvidence.LargestMagnitude(setup.Cost) + Rounding), $"spread {spread}");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void SoftMin_AtomsWithoutMass_HaveTheSoftTransformAndNoOthersChange(Case drawn)
    {
        foreach (double spread in new[] { .5, 500 })
        {
            using Setup setup = new(drawn, spread);
            setup.Backend.SoftMin(setup.Loaded, new[] { Epsilon }, setup.Potentials, setup.Execution);
            double[] f = new double[drawn.Rows], g = new double[drawn.Columns];
            setup.Potentials.CopyTo(f, 0);
            setup.Potentials.CopyTo(g, drawn.Rows);
            double[] softF = NaiveSoftMin.OfColumns(setup.Cost, setup.G, setup.B, Epsilon), softG = NaiveSoftMin.OfRows(setup.Cost, setup.F, setup.A, Epsilon);
            Assert.That(f, Is.EqualTo(setup.F.Select((p, i) => setup.A[i] > 0 ? p : softF[i])).Within(Rounding * spread));
            Assert.That(g, Is.EqualTo(setup.G.Select((p, j) => setup.B[j] > 0 ? p : softG[j])).Within(Rounding * spread));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void PlanApply_ThinMatricesBothWays_AreTheNaiveProducts(Case drawn)
    {
        using Setup setup = new(drawn, .5);
        foreach (bool keep in new[] { false, true })
        {
            using LoadedPlan plan = setup.Backend.LoadPlan(setup.Loaded, 0, Epsilon, setup.Potentials, keep, setup.Execution);
            foreach (int width in new[] { 1, 2, 5 })
            {
                // What stands beside atoms without mass is not read.
                double[] v = Masked(Drawn.Cloud(5, drawn.Columns, width), setup.B, width), w = Masked(Drawn.Cloud(6, drawn.Rows, width), setup.A, width);
                double[] images = new double[drawn.Rows * width], back = new double[drawn.Columns * width];
                plan.Apply(false, v, width, images, setup.Execution);
                plan.Apply(true, w, width, back, setup.Execution);
                double scale = 1 + NeumaierSum.Of(setup.Plan);
                Assert.That(images, Is.EqualTo(NaiveEntropic.Apply(setup.Plan, Zeroed(v), width)).Within(Rounding * scale), $"width {width}, keep {keep}");
                Assert.That(back, Is.EqualTo(NaiveEntropic.Apply(NaiveSoftMin.Transposed(setup.Plan, drawn.Rows), Zeroed(w), width)).Within(Rounding * scale), $"width {width}, keep {keep}, transposed");
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void PlanWrite_AnyRows_AreThoseOfThePlan(Case drawn)
    {
        using Setup setup = new(drawn, .5);
        using LoadedPlan plan = setup.Backend.LoadPlan(setup.Loaded, 0, Epsilon, setup.Potentials, false, setup.Execution);
        foreach ((int first, int count) in new[] { (0, drawn.Rows), (drawn.Rows - 1, 1), (drawn.Rows / 2, (drawn.Rows + 1) / 2), (0, 0) })
        {
            double[] written = [.. Enumerable.Repeat(7.0, count * drawn.Columns)];
            plan.Write(first, count, written, setup.Execution);
            Assert.That(written, Is.EqualTo(setup.Plan.Skip(first * drawn.Columns).Take(written.Length)).Within(Rounding * (1 + setup.Plan.Max())), $"rows {first} and {count} more");
        }
    }

    private static double[] Masked(double[] values, double[] weights, int width) => [.. values.Select((v, k) => weights[k / width] > 0 ? v : double.NaN)];

    private static double[] Zeroed(double[] values) => [.. values.Select(v => double.IsNaN(v) ? 0 : v)];

    /// <summary>A geometry by name and shape.</summary>
    public sealed record Case(string Geometry, int Rows, int Columns);

    /// <summary>One problem in the memory of a backend with potentials of a given spread, and what the naive reference makes of them.</summary>
    private sealed class Setup : IDisposable
    {
        public Setup(Case drawn, double spread)
        {
            (int n, int m) = (drawn.Rows, drawn.Columns);
            A = Drawn.ExactWeights(n, n);
            B = Drawn.ExactWeights(m + 1, m);
            Geometry<T> geometry;
            switch (drawn.Geometry)
            {
                case "dense":
                    Cost = ExactInputs.Seen<T>(Drawn.Uniform(n + m, n * m));
                    geometry = new DenseGeometry<T>(ExactInputs.To<T>(Cost), n, m);
                    break;
                case "points":
                    double[] x = ExactInputs.Seen<T>(Drawn.Uniform(n, 3 * n)), y = ExactInputs.Seen<T>(Drawn.Uniform(m + 1, 3 * m));
                    Cost = NaiveCost.SquaredEuclidean.Between(x, y, 3);
                    geometry = new PointCloudGeometry<T>(ExactInputs.To<T>(x), ExactInputs.To<T>(y), 3, OtEngine.Cost.SquaredEuclidean);
                    break;
                default:
                    int[] shape = n == 24 ? [2, 3, 4] : [7, 5];
                    double[] points = NaiveGrid.Points([.. shape.Select(s => Enumerable.Range(0, s).Select(k => k * .25).ToArray())]);
                    Cost = NaiveCost.SquaredEuclidean.Between(points, points, shape.Length);
                    geometry = new GridGeometry<T>(shape, .25);
                    break;
            }

            Table = ProblemTable<T>.Of([TransportProblem.On(geometry).WithWeights(ExactInputs.To<T>(A), ExactInputs.To<T>(B))]);
            Loaded = Backend.Load(Table);
            Potentials = Backend.Allocate<double>(Table.PotentialCount);
            Execution = new Execution(Backend, 2, Roomy, null, CancellationToken.None);
            F = [.. Drawn.Uniform(7, n).Select(u => (u - .5) * spread)];
            G = [.. Drawn.Uniform(8, m).Select(u => (u - .5) * spread)];
            Potentials.CopyFrom(F, 0);
            Potentials.CopyFrom(G, n);
        }

        public Backend Backend { get; } = Engines.CreateBackend();

        public ProblemTable<T> Table { get; }

        public LoadedTable<T> Loaded { get; }

        public BackendBuffer<double> Potentials { get; }

        public Execution Execution { get; }

        public double[] Cost { get; }

        public double[] A { get; }

        public double[] B { get; }

        public double[] F { get; }

        public double[] G { get; }

        public double[] Plan => NaiveEntropic.Plan(Cost, A, B, F, G, Epsilon);

        public double Exact
        {
            get
            {
                using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(Cost, A, B), new Exact());
                return result.TransportCost;
            }
        }

        public void Dispose()
        {
            Potentials.Dispose();
            Loaded.Dispose();
            Table.Dispose();
            Backend.Dispose();
        }
    }
}

using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.Cuda;
using OtEngine.Cuda.Runtime;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>
/// What is read off plans on grids, along the axes and pair by pair, against the naive reference; axes around the width of a tile, and sums
/// that one shift cannot hold.
/// </summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class GridTransformTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Exponents of a thousand round to 1e-13, in double whatever the elements; sums have some thousand terms.
    private const double Rounding = 1e-11;

    private static readonly string[] Shapes =
    [
        "1>1", "7>3", "33>32", "31,1>1,65", "2,3>5,4", "33,2>32,3", "2,33>3,31", "3,4,35>3,4,35", "3,5,4>2,5,6", "2,1,3,2>3,2,1,2", "2,2,2,2,2,2,2,2>2,1,2,2,2,1,2,2",
    ];

    [Test]
    public void PlanReduce_AlongTheAxes_IsThatOfThePairsAndOfTheReference([ValueSource(nameof(Shapes))] string shapes, [Values(1, .05)] double epsilon)
    {
        using Drawing drawn = new([shapes], epsilon);
        (PlanReduction[] byAxes, double[] sumsByAxes) = Reduce(drawn, alongAxes: true);
        (PlanReduction[] byPairs, double[] sumsByPairs) = Reduce(drawn, alongAxes: false);

        Drawing.Problem problem = drawn.Problems[0];
        double scale = 1 + NeumaierSum.Of(problem.Plan);
        double cost = TransportEvidence.TransportCost(problem.Cost, problem.Plan);
        double[] sums = [.. NaiveEntropic.RowSums(problem.Plan, problem.A.Length), .. NaiveEntropic.RowSums(NaiveSoftMin.Transposed(problem.Plan, problem.A.Length), problem.B.Length)];
        double[] f = NaiveSoftMin.OfColumns(problem.Cost, problem.G, problem.B, 0);
        double lower = TransportEvidence.DualCost(f, NaiveSoftMin.OfRows(problem.Cost, f, problem.A, 0), problem.A, problem.B);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(byAxes[0].TransportCost, Is.EqualTo(cost).Within(Rounding * scale));
            Assert.That(byAxes[0].LowerBound, Is.EqualTo(lower).Within(Rounding * scale));
            Assert.That(sumsByAxes, Is.EqualTo(sums).Within(Rounding * scale));
            Assert.That(byAxes[0].TransportCost, Is.EqualTo(byPairs[0].TransportCost).Within(Rounding * scale));
            Assert.That(byAxes[0].Entropy, Is.EqualTo(byPairs[0].Entropy).Within(Rounding * scale / epsilon));
            Assert.That(byAxes[0].ErrorA, Is.EqualTo(byPairs[0].ErrorA).Within(Rounding * scale));
            Assert.That(byAxes[0].ErrorB, Is.EqualTo(byPairs[0].ErrorB).Within(Rounding * scale));
            Assert.That(byAxes[0].LowerBound, Is.EqualTo(byPairs[0].LowerBound).Within(Rounding * scale));
            Assert.That(sumsByAxes, Is.EqualTo(sumsByPairs).Within(Rounding * scale));

            // The cost of a b^T where that is less, which pair by pair is not looked at.
            double product = TransportEvidence.TransportCost(problem.Cost, [.. from a in problem.A from b in problem.B select a * b]);
            Assert.That(byAxes[0].UpperBound, Is.EqualTo(Math.Min(byPairs[0].UpperBound, product)).Within(Rounding * scale));
        }
    }

    [Test]
    public void PlanApply_AlongTheAxes_IsThatOfThePairsAndOfTheReference([ValueSource(nameof(Shapes))] string shapes, [Values(1, .05)] double epsilon)
    {
        using Drawing drawn = new([shapes], epsilon);
        Drawing.Problem problem = drawn.Problems[0];
        double scale = 1 + NeumaierSum.Of(problem.Plan);
        double[] v = Drawn.Cloud(5, problem.B.Length, 2), w = Drawn.Cloud(6, problem.A.Length, 2);
        v[0] = 0;
        foreach (bool alongAxes in (bool[])[true, false])
        {
            using Loaded loaded = new(drawn, alongAxes);
            using LoadedPlan plan = loaded.Backend.LoadPlan(loaded.Table, 0, epsilon, loaded.Potentials, false, loaded.Execution);
            double[] images = new double[w.Length], back = new double[v.Length], written = new double[problem.Plan.Length];
            plan.Apply(false, v, 2, images, loaded.Execution);
            plan.Apply(true, w, 2, back, loaded.Execution);
            plan.Write(0, problem.A.Length, written, loaded.Execution);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(images, Is.EqualTo(NaiveEntropic.Apply(problem.Plan, v, 2)).Within(Rounding * scale), $"along axes {alongAxes}");
                Assert.That(back, Is.EqualTo(NaiveEntropic.Apply(NaiveSoftMin.Transposed(problem.Plan, problem.A.Length), w, 2)).Within(Rounding * scale), $"transposed, along axes {alongAxes}");
                Assert.That(written, Is.EqualTo(problem.Plan).Within(Rounding * scale), $"written, along axes {alongAxes}");
            }
        }
    }

    // At the least eps neighbours along a line differ by thousands of powers of two, so that their sums are taken again.
    [Test]
    public void SoftMin_AlongTheAxes_IsTheNaiveTransform([ValueSource(nameof(Shapes))] string shapes, [Values(10, .1, 1e-4)] double epsilon)
    {
        using Drawing drawn = new([shapes], epsilon);
        using Loaded loaded = new(drawn, alongAxes: true);
        loaded.Backend.SoftMin(loaded.Table, new[] { epsilon }, loaded.Potentials, loaded.Execution);
        Drawing.Problem problem = drawn.Problems[0];
        double[] f = new double[problem.A.Length], g = new double[problem.B.Length];
        loaded.Potentials.CopyTo(f, 0);
        loaded.Potentials.CopyTo(g, f.Length);
        double[] softF = NaiveSoftMin.OfColumns(problem.Cost, problem.G, problem.B, epsilon), softG = NaiveSoftMin.OfRows(problem.Cost, problem.F, problem.A, epsilon);
        Assert.That(f, Is.EqualTo(problem.F.Select((p, i) => problem.A[i] > 0 ? p : softF[i])).Within(Rounding * (1 + epsilon)));
        Assert.That(g, Is.EqualTo(problem.G.Select((p, j) => problem.B[j] > 0 ? p : softG[j])).Within(Rounding * (1 + epsilon)));
    }

    [Test]
    public void Batch_OfGridsOfAnyAxes_HasTheBitsOfEachAlone()
    {
        string[] shapes = ["33>32", "3,5,4>2,5,6", "1>1", "2,33>3,31"];
        using Drawing drawn = new(shapes, .3);
        (PlanReduction[] together, double[] sums) = Reduce(drawn, alongAxes: true);
        List<double> sumsAlone = [];
        for (int k = 0; k < shapes.Length; k++)
        {
            using Drawing single = new([shapes[k]], .3);
            (PlanReduction[] alone, double[] own) = Reduce(single, alongAxes: true);
            Assert.That(together[k], Is.EqualTo(alone[0]), shapes[k]);
            sumsAlone.AddRange(own);
        }

        Assert.That(sums, Is.EqualTo(sumsAlone));
    }

    [Test]
    public void Batch_OfGridsOnEitherSideOfTheThreshold_HasTheBitsOfEachAlone()
    {
        string[] shapes = ["7>3", "33>32", "2,3>5,4", "2,33>3,31"];
        using Drawing drawn = new(shapes, .3);
        (PlanReduction[] together, double[] sums) = Reduce(drawn, alongAxes: null);
        (PlanReduction[] byAxes, double[] sumsByAxes) = Reduce(drawn, alongAxes: true);
        (PlanReduction[] byPairs, double[] sumsByPairs) = Reduce(drawn, alongAxes: false);
        Assert.That(together, Is.EqualTo((PlanReduction[])[byPairs[0], byAxes[1], byPairs[2], byAxes[3]]));
        for (int k = 0; k < sums.Length; k++)
        {
            bool large = drawn.IsOfLarge(k);
            Assert.That(sums[k], Is.EqualTo((large ? sumsByAxes : sumsByPairs)[k]), $"sum {k}");
        }
    }

    private static (PlanReduction[] Reductions, double[] Sums) Reduce(Drawing drawn, bool? alongAxes)
    {
        using Loaded loaded = new(drawn, alongAxes);
        PlanReduction[] reductions = new PlanReduction[drawn.Problems.Length];
        using BackendBuffer<double> marginals = loaded.Backend.Allocate<double>(drawn.Table.PotentialCount);
        double[] epsilons = new double[reductions.Length];
        Array.Fill(epsilons, drawn.Epsilon);
        loaded.Backend.PlanReduce(loaded.Table, epsilons, loaded.Potentials, marginals, true, reductions, loaded.Execution);
        double[] sums = new double[drawn.Table.PotentialCount];
        marginals.CopyTo(sums, 0);
        return (reductions, sums);
    }

    /// <summary>Problems on grids with uneven weights, some zero, and potentials near those of a plan.</summary>
    private sealed class Drawing : IDisposable
    {
        /// <summary>Pairs of the larger half of the grids of a mixed batch.</summary>
        public const long Threshold = 1000;

        public Drawing(string[] shapes, double epsilon)
        {
            Epsilon = epsilon;
            Problems = Array.ConvertAll(shapes, Draw);
            Table = ProblemTable<T>.Of([.. Problems.Select(p => TransportProblem.On(p.Geometry).WithWeights(ExactInputs.To<T>(p.A), ExactInputs.To<T>(p.B)))]);
        }

        public double Epsilon { get; }

        public Problem[] Problems { get; }

        public ProblemTable<T> Table { get; }

        public bool IsOfLarge(int place)
        {
            ProblemRow row = Table.Rows.ToArray().Last(r => Math.Min(r.PotentialsA, r.PotentialsB) <= place);
            return (long)row.Rows * row.Columns >= Threshold;
        }

        public void Dispose() => Table.Dispose();

        private Problem Draw(string shapes)
        {
            int[][] sides = [.. shapes.Split('>').Select(side => side.Split(',').Select(int.Parse).ToArray())];
            double[][,] costs = new double[sides[0].Length][,];
            T[][,] seen = new T[costs.Length][,];
            for (int axis = 0; axis < costs.Length; axis++)
            {
                (int n, int m) = (sides[0][axis], sides[1][axis]);
                double[] drawn = ExactInputs.Seen<T>(Drawn.Uniform(axis + 11, n * m));
                (costs[axis], seen[axis]) = (new double[n, m], new T[n, m]);
                for (int k = 0; k < drawn.Length; k++)
                {
                    costs[axis][k / m, k % m] = drawn[k] - .25;
                    seen[axis][k / m, k % m] = T.CreateChecked(drawn[k] - .25);
                    costs[axis][k / m, k % m] = double.CreateChecked(seen[axis][k / m, k % m]);
                }
            }

            GridCase grid = new(shapes, costs);
            double[] a = Drawn.ExactWeights(grid.Rows, grid.Rows), b = Drawn.ExactWeights(grid.Columns + 1, grid.Columns);
            double[] f = [.. Drawn.Uniform(7, grid.Rows).Select(u => u - .5)];
            double[] matrix = grid.Matrix();

            // Rows of the plan sum to a, so that its entries are of the size of the weights at any eps.
            double[] g = NaiveSoftMin.OfRows(matrix, f, a, Epsilon);
            return new Problem(new GridGeometry<T>(seen), matrix, a, b, f, g, NaiveEntropic.Plan(matrix, a, b, f, g, Epsilon));
        }

        public sealed record Problem(GridGeometry<T> Geometry, double[] Cost, double[] A, double[] B, double[] F, double[] G, double[] Plan);
    }

    /// <summary>Drawn problems in the memory of a device.</summary>
    private sealed class Loaded : IDisposable
    {
        /// <param name="drawn">The problems.</param>
        /// <param name="alongAxes">Whether all plans are read along the axes, or none; null for those of many pairs.</param>
        public Loaded(Drawing drawn, bool? alongAxes)
        {
            CudaOptions options = new()
            {
                PoolsMemory = false,
                SolvesInBlocks = false,
                PairsAlongAxes = alongAxes switch { true => 0, false => long.MaxValue, null => Drawing.Threshold },
            };
            TestDevice.Require(options);
            Backend = new CudaBackend(CudaRuntime.Open(options, []));
            Table = Backend.Load(drawn.Table);
            Potentials = Backend.Allocate<double>(drawn.Table.PotentialCount);
            for (int k = 0; k < drawn.Problems.Length; k++)
            {
                Potentials.CopyFrom(drawn.Problems[k].F, drawn.Table.Rows[k].PotentialsA);
                Potentials.CopyFrom(drawn.Problems[k].G, drawn.Table.Rows[k].PotentialsB);
            }

            Execution = TestExecution.On(Backend);
        }

        public Backend Backend { get; }

        public LoadedTable<T> Table { get; }

        public BackendBuffer<double> Potentials { get; }

        public Execution Execution { get; }

        public void Dispose()
        {
            Potentials.Dispose();
            Table.Dispose();
            Backend.Dispose();
        }
    }
}

using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Entropic transport on grids against the same problem on the matrix its costs make.</summary>
internal sealed class GridSinkhornTests
{
    /// <summary>
    /// Relative to the largest cost: a soft minimum is off by some roundings of its terms, and hands errors of its input on at most once,
    /// over some dozen sweeps.
    /// </summary>
    private const double Rounding = 1e-13;

    private static readonly double[] Ratios = [1e-3, 1e-2, 1e-1, 1, 10];

    private static IEnumerable<GridCase> Cases => GridCase.All;

    private static IEnumerable<EntropicCase> Oracles => OracleFile.Entropic.Where(c => c.Shape.Length > 0);

    // Plain sweeps from the same potentials, so that both do the same steps.
    [TestCaseSource(nameof(Cases))]
    public void Sweeps_OnAGrid_GiveTheNumbersOfItsMatrix(GridCase @case)
    {
        DenseGeometry<double> matrix = @case.Dense();
        double largest = TransportEvidence.LargestMagnitude(matrix.Costs);
        foreach (double ratio in Ratios)
        {
            DualPotentials start = new(Drawn.Cloud(33, @case.Rows, 1), Drawn.Cloud(34, @case.Columns, 1));
            Sinkhorn solver = new() { EpsilonRelative = ratio, Tolerance = 0, MaxIterations = 30, WarmStart = start };
            using TransportResult<double> actual = Solve(@case.Geometry, @case, solver);
            using TransportResult<double> expected = Solve(matrix, @case, solver);
            double within = Rounding * largest;
            double share = Rounding * (1 + (largest / expected.Epsilon));
            using (Assert.EnterMultipleScope())
            {
                Assert.That(actual.Epsilon, Is.EqualTo(expected.Epsilon).Within(within), $"eps at {ratio}");
                Assert.That(actual.TransportCost, Is.EqualTo(expected.TransportCost).Within(share * largest), $"cost at {ratio}");
                Assert.That(actual.RegularizedCost, Is.EqualTo(expected.RegularizedCost).Within(share * largest), $"objective at {ratio}");
                Assert.That(actual.DualCost, Is.EqualTo(expected.DualCost).Within(share * largest), $"dual at {ratio}");
                Assert.That(actual.LowerBound, Is.EqualTo(expected.LowerBound).Within(within), $"lower bound at {ratio}");
                Assert.That(actual.UpperBound, Is.EqualTo(expected.UpperBound).Within(share * largest), $"upper bound at {ratio}");
                Assert.That(actual.Mass, Is.EqualTo(expected.Mass).Within(share), $"mass at {ratio}");
                Assert.That(actual.MarginalErrorA, Is.EqualTo(expected.MarginalErrorA).Within(share), $"error of a at {ratio}");
                Assert.That(actual.MarginalErrorB, Is.EqualTo(expected.MarginalErrorB).Within(share), $"error of b at {ratio}");
                double shift = actual.Potentials.F.Span[0] - expected.Potentials.F.Span[0];
                Assert.That(actual.Potentials.F.ToArray().Select(f => f - shift), Is.EqualTo(expected.Potentials.F.ToArray()).Within(within), $"f at {ratio}");
                Assert.That(actual.Potentials.G.ToArray().Select(g => g + shift), Is.EqualTo(expected.Potentials.G.ToArray()).Within(within), $"g at {ratio}");
                Assert.That(actual.Status, Is.EqualTo(SolveStatus.MaxIterations));
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Answers_OnAGrid_ConvergeToThoseOfItsMatrix(GridCase @case)
    {
        DenseGeometry<double> matrix = @case.Dense();
        double largest = TransportEvidence.LargestMagnitude(matrix.Costs);
        foreach (double ratio in Engines.IsSlow ? Ratios[2..] : Ratios)
        {
            const double Tolerance = 1e-9;
            Sinkhorn solver = new() { EpsilonRelative = ratio, Tolerance = Tolerance, MaxIterations = 100_000 };
            using TransportResult<double> actual = Solve(@case.Geometry, @case, solver);
            using TransportResult<double> expected = Solve(matrix, @case, solver);
            TestContext.Out.WriteLine(FormattableString.Invariant($"{ratio}: {actual.Status} after {actual.Iterations}, {expected.Status} after {expected.Iterations}"));
            using (Assert.EnterMultipleScope())
            {
                Assert.That(actual.Status, Is.EqualTo(SolveStatus.Converged), $"status at {ratio}");
                Assert.That(Math.Max(actual.MarginalErrorA, actual.MarginalErrorB), Is.LessThanOrEqualTo(Tolerance), $"errors at {ratio}");

                // Each cost is off by at most its marginal errors times the range of the potentials.
                Assert.That(actual.DualCost, Is.EqualTo(expected.DualCost).Within(10 * Tolerance * largest), $"dual at {ratio}");
                Assert.That(actual.LowerBound, Is.LessThanOrEqualTo(actual.UpperBound), $"bracket at {ratio}");
            }
        }
    }

    [TestCaseSource(nameof(Oracles))]
    public void Oracle_OnItsGrid_IsMet(EntropicCase oracle)
    {
        GridGeometry<double> geometry = new(oracle.Shape, oracle.Spacings, ExactInputs.CostOf(oracle.Cost!).Exponent);
        TransportProblem<double> problem = TransportProblem.On<double>(geometry).WithWeights(oracle.A, oracle.B);
        Sinkhorn solver = new() { Epsilon = oracle.Epsilon, Tolerance = 1e-12, MaxIterations = 100_000 };
        using TransportResult<double> result = Engines.Default.Solve(problem, solver);
        double largest = TransportEvidence.LargestMagnitude(oracle.CostMatrix()) * NeumaierSum.Of(oracle.A);
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"{result.Status} after {result.Iterations}: cost {result.TransportCost - oracle.TransportCost:E1}, objective {result.RegularizedCost - oracle.RegularizedCost:E1}"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(result.RegularizedCost, Is.EqualTo(oracle.RegularizedCost).Within(1e-11 * largest));
            Assert.That(result.TransportCost, Is.EqualTo(oracle.TransportCost).Within(1e-10 * largest));
            Assert.That(oracle.ExactCost, Is.InRange(result.LowerBound - (1e-13 * largest), result.UpperBound + (1e-13 * largest)));
        }
    }

    // Fact 17 of the reference: to 1e-5; here all arithmetic is in double.
    [Test]
    public void Grid_Of5x6x7_EqualsItsPointCloud()
    {
        double[] spacings = [0.5, 1, 0.25];
        int[] shape = [5, 6, 7];
        double[][] axes = [.. shape.Select((length, axis) => Enumerable.Range(0, length).Select(k => k * spacings[axis]).ToArray())];
        double[] points = NaiveGrid.Points(axes);
        double[] a = Drawn.ExactWeights(1, 210), b = Drawn.ExactWeights(2, 210);
        DualPotentials start = new(new double[210], new double[210]);
        Sinkhorn solver = new() { Epsilon = 0.1, Tolerance = 0, MaxIterations = 50, WarmStart = start };
        using TransportResult<double> actual = Engines.Default.Solve(TransportProblem.On<double>(new GridGeometry<double>(shape, spacings)).WithWeights(a, b), solver);
        using TransportResult<double> expected = Engines.Default.Solve(ExactInputs.Points<double>(points, points, 3, Cost.SquaredEuclidean, a, b), solver);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(actual.TransportCost, Is.EqualTo(expected.TransportCost).Within(1e-12));
            double shift = actual.Potentials.F.Span[0] - expected.Potentials.F.Span[0];
            Assert.That(actual.Potentials.F.ToArray().Select(f => f - shift), Is.EqualTo(expected.Potentials.F.ToArray()).Within(1e-12));
            Assert.That(actual.Potentials.G.ToArray().Select(g => g + shift), Is.EqualTo(expected.Potentials.G.ToArray()).Within(1e-12));
            Assert.That(actual.Distance, Is.EqualTo(Math.Sqrt(expected.TransportCost)).Within(1e-12));
        }
    }

    [Test]
    public void Sweep_OfAnyRelaxation_IsTheDefinition([Values(1, 1.5, 1.9, 0.5)] double omega)
    {
        GridCase @case = GridCase.All.First(c => c.Rows != c.Columns);
        const double Epsilon = 0.1;
        double[] f = Drawn.Cloud(1, @case.Rows, 1), g = Drawn.Cloud(2, @case.Columns, 1);
        (double[] expectedF, double[] expectedG) = NaiveSinkhorn.Sweep(@case.Matrix(), @case.A, @case.B, f, g, Epsilon, omega);
        double[] plan = NaiveEntropic.Plan(@case.Matrix(), @case.A, @case.B, f, g, Epsilon);
        double[] half = NaiveEntropic.Plan(@case.Matrix(), @case.A, @case.B, expectedF, g, Epsilon);
        using ProblemTable<double> table = ProblemTable<double>.Of([TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B)]);
        using Backend backend = Engines.CreateBackendAlongAxes();
        using LoadedTable<double> loaded = backend.Load(table);
        using BackendBuffer<double> potentials = backend.Allocate<double>(table.PotentialCount);
        using BackendBuffer<SinkhornState> states = backend.Allocate<SinkhornState>(1);
        potentials.CopyFrom(f, 0);
        potentials.CopyFrom(g, f.Length);
        states.CopyFrom([SinkhornRule.Begin(0, 0, 2, cold: false, relax: true, handOver: false, floor: 0) with { Omega = omega, Sweeps = 1 }], 0);

        backend.SinkhornSweep(loaded, new[] { new SinkhornStage(Epsilon, 2, 1e-9) }, states, potentials, 1, TestExecution.On(backend));

        SinkhornState[] state = new SinkhornState[1];
        double[] nextF = new double[f.Length], nextG = new double[g.Length];
        states.CopyTo(state, 0);
        potentials.CopyTo(nextF, 0);
        potentials.CopyTo(nextG, f.Length);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(state[0].Sweeps, Is.EqualTo(2));
            Assert.That(state[0].ErrorA, Is.EqualTo(NaiveEntropic.MarginalErrors(plan, @case.A, @case.B).A).Within(1e-11).Percent);
            Assert.That(state[0].ErrorB, Is.EqualTo(NaiveEntropic.MarginalErrors(half, @case.A, @case.B).B).Within(1e-11).Percent);
            for (int i = 0; i < f.Length; i++)
                Assert.That(nextF[i], Is.EqualTo(@case.A[i] > 0 ? expectedF[i] : f[i]).Within(1e-13), $"f {i}");
            for (int j = 0; j < g.Length; j++)
                Assert.That(nextG[j], Is.EqualTo(@case.B[j] > 0 ? expectedG[j] : g[j]).Within(1e-13), $"g {j}");
        }
    }

    [Test]
    public void Float_OnAGrid_IsWithinItsTolerance()
    {
        int[] shape = [12, 11];
        float[] a = ExactInputs.To<float>(Drawn.ExactWeights(1, 132)), b = ExactInputs.To<float>(Drawn.ExactWeights(2, 132));
        Sinkhorn solver = new() { EpsilonRelative = 0.02 };
        using TransportResult<float> actual = Engines.Default.Solve(TransportProblem.On<float>(new GridGeometry<float>(shape)).WithWeights(a, b), solver);
        using TransportResult<double> expected = Engines.Default.Solve(
            TransportProblem.On<double>(new GridGeometry<double>(shape)).WithWeights(ExactInputs.Seen<float>(Drawn.ExactWeights(1, 132)), ExactInputs.Seen<float>(Drawn.ExactWeights(2, 132))), solver);
        Assert.That(actual.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(actual.TransportCost, Is.EqualTo(expected.TransportCost).Within(1e-4 * 265));
    }

    // Large enough to be spread over threads.
    [Test]
    public void Grid_OnAnyNumberOfThreads_HasTheSameBits()
    {
        int[] shape = [72, 96];
        double[] a = Drawn.ExactWeights(1, 72 * 96), b = Drawn.ExactWeights(2, 72 * 96);
        TransportProblem<double> problem = TransportProblem.On<double>(new GridGeometry<double>(shape)).WithWeights(a, b);
        foreach (double epsilon in (double[])[0.5, 100])
        {
            Sinkhorn solver = new() { Epsilon = epsilon, MaxIterations = 20 };
            double[] values = Drawn.Cloud(3, a.Length, 1);
            double[][] images = [new double[a.Length], new double[a.Length], new double[a.Length]];
            using TransportResult<double> one = Engines.SingleThreaded.Solve(problem, solver);
            using Engine pair = Engines.Create(o => o.Threads = 2);
            using TransportResult<double> two = pair.Solve(problem, solver);
            using TransportResult<double> seven = Engines.SevenThreads.Solve(problem, solver);
            one.Plan.Apply(values, images[0]);
            two.Plan.Apply(values, images[1]);
            seven.Plan.Apply(values, images[2]);
            using (Assert.EnterMultipleScope())
            {
                foreach (TransportResult<double> other in (TransportResult<double>[])[two, seven])
                {
                    Assert.That(other.Potentials.F.Span.SequenceEqual(one.Potentials.F.Span), "f");
                    Assert.That(other.Potentials.G.Span.SequenceEqual(one.Potentials.G.Span), "g");
                    Assert.That(
                        (double[])[other.TransportCost, other.LowerBound, other.UpperBound, other.MarginalErrorA],
                        Is.EqualTo((double[])[one.TransportCost, one.LowerBound, one.UpperBound, one.MarginalErrorA]));
                }

                Assert.That(images[1], Is.EqualTo(images[0]));
                Assert.That(images[2], Is.EqualTo(images[0]));
            }
        }
    }

    [Test]
    public void Batch_OfGridsAndMatrices_GivesTheBitsOfItsLoop()
    {
        TransportProblem<double>[] problems =
        [
            .. GridCase.All.SelectMany(c => (TransportProblem<double>[])
            [
                TransportProblem.On<double>(c.Geometry).WithWeights(c.A, c.B),
                TransportProblem.On<double>(c.Dense()).WithWeights(c.A, c.B),
            ]),
        ];
        Sinkhorn solver = new();
        IReadOnlyList<TransportResult<double>> batch = Engines.SevenThreads.SolveBatch(problems, solver);
        for (int k = 0; k < problems.Length; k++)
        {
            using TransportResult<double> alone = Engines.SingleThreaded.Solve(problems[k], solver);
            SameBits.Check(batch[k], alone, $"problem {k}");
        }
    }

    [Test]
    public void SolveCosts_OnAGrid_AreThoseOfItsMatrix()
    {
        GridGeometry<double> grid = new([4, 5]);
        DenseGeometry<double> matrix = new(NaiveGrid.ProductCost(grid.AxisCosts), 20, 20);
        double[] histograms = [.. Drawn.ExactWeights(1, 20), .. Drawn.ExactWeights(2, 20), .. Drawn.ExactWeights(3, 20)];
        (int, int)[] pairs = [(0, 1), (1, 2), (2, 0), (1, 1)];
        Sinkhorn solver = new() { Tolerance = 0, MaxIterations = 40 };
        double[] actual = new double[4], expected = new double[4];
        Engines.Default.SolveCosts(grid, histograms, pairs, solver, actual);
        Engines.Default.SolveCosts(matrix, histograms, pairs, solver, expected);
        Assert.That(actual, Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void Exact_OnAGrid_HasTheBitsOfItsMatrix()
    {
        foreach (GridCase @case in GridCase.All)
        {
            using Engine onTheFly = Engines.Create(o => o.CostMatrixBudget = 0);
            using TransportResult<double> stored = Engines.Default.Solve(TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B), new Exact());
            using TransportResult<double> computed = onTheFly.Solve(TransportProblem.On<double>(@case.Geometry).WithWeights(@case.A, @case.B), new Exact());
            using TransportResult<double> expected = Engines.Default.Solve(TransportProblem.On<double>(@case.Dense()).WithWeights(@case.A, @case.B), new Exact());
            Assert.That(expected.Status, Is.EqualTo(SolveStatus.Converged));
            SameBits.Check(stored, expected, $"{@case}, stored");
            SameBits.Check(computed, expected, $"{@case}, on the fly");
        }
    }

    [Test]
    public void CTransform_OnAGrid_IsTheDefinition([Values] TransportSide side)
    {
        foreach (GridCase @case in GridCase.All)
        {
            double[] matrix = @case.Matrix();
            bool toA = side == TransportSide.A;
            double[] weights = toA ? @case.B : @case.A;
            double[] potential = Drawn.Cloud(5, weights.Length, 1);
            double[] expected = toA
                ? NaiveCTransform.OfColumns(matrix, potential, weights)
                : NaiveCTransform.OfColumns(NaiveSoftMin.Transposed(matrix, @case.Rows), potential, weights);
            double[] actual = new double[expected.Length];
            Engines.Default.CTransform(@case.Geometry, side, potential, weights, actual);
            Assert.That(actual, Is.EqualTo(expected).Within(1e-14 * TransportEvidence.LargestMagnitude([.. matrix, .. potential])), @case.Name);
        }
    }

    private static TransportResult<double> Solve(Geometry<double> geometry, GridCase @case, Sinkhorn solver) =>
        Engines.Default.Solve(TransportProblem.On(geometry).WithWeights(@case.A, @case.B), solver);
}

using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Costs, masses and ties at the ends of double's range: never a hang, and never a wrong number that calls itself converged.</summary>
[Category("Simd")]
public sealed class ExactExtremeCostTests
{
    // Far above what any of these takes; a hang becomes a cancellation.
    private const int Patience = 20_000;

    private const int Rows = 23;

    private const int Columns = 17;

    [Test]
    [CancelAfter(Patience)]
    public void Solve_BlocksFarApart_CostWhatTheirBlocksCost(CancellationToken cancellation)
    {
        for (int seed = 0; seed < 100; seed++)
        {
            (double[] cost, double[] a, double[] b, double expected) = BlocksApart(seed);
            foreach (TransportProblem<double> stated in new[] { ExactInputs.Dense<double>(cost, a, b), ExactInputs.Sparse<double>(cost, a, b) })
            {
                using TransportResult<double> result = Solve(stated, cancellation);
                string name = $"seed {seed}, {stated.Geometry.GetType().Name}";
                ExactEvidence.Proves(result, cost, a, b, name);
                Assert.That(RelativeError.Of(result.TransportCost, expected), Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble), name);
            }
        }
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_BlocksFarApartOfUnequalMass_PayForAsLittleAsTheyMust(CancellationToken cancellation)
    {
        const double Wall = 1e20;
        double[] cost = [1, 2, Wall, Wall, 3, 1, Wall, Wall, Wall, Wall, 2, 5, Wall, Wall, 4, 1];
        double[] a = [.5, .125, .25, .125], b = [.25, .25, .25, .25];
        using TransportResult<double> result = Solve(ExactInputs.Dense<double>(cost, a, b), cancellation);

        ExactEvidence.Proves(result, cost, a, b, "walls");
        Assert.That(RelativeError.Of(result.TransportCost, Wall / 8), Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble));
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_NegativeCosts_AreTheShiftedProblem(CancellationToken cancellation)
    {
        for (int seed = 0; seed < 40; seed++)
        {
            double[] a = Drawn.ExactWeights(seed, Rows), b = Drawn.ExactWeights(seed + 1, Columns);
            double[] cost = [.. Drawn.Costs(seed + 2, Rows, Columns, 99).Select(c => c - 50 - (50 * (seed % 3)))];
            using TransportResult<double> result = Solve(ExactInputs.Dense<double>(cost, a, b), cancellation);

            ExactEvidence.Proves(result, cost, a, b, $"seed {seed}");
            Assert.That(result.TransportCost, Is.EqualTo(NaiveTransportLp.Solve(cost, a, b).Value), $"seed {seed}");
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(-7)]
    [TestCase(1e-300)]
    [TestCase(1e300)]
    [TestCase(-1e300)]
    [CancelAfter(Patience)]
    public void Solve_EqualCosts_CostThatMuchAMass(double cost, CancellationToken cancellation)
    {
        double[] a = Drawn.ExactWeights(1, Rows), b = Drawn.ExactWeights(2, Columns), matrix = [.. Enumerable.Repeat(cost, Rows * Columns)];
        using TransportResult<double> result = Solve(ExactInputs.Dense<double>(matrix, a, b), cancellation);

        ExactEvidence.Proves(result, matrix, a, b, "equal costs");
        Assert.That(RelativeError.Of(result.TransportCost, cost), Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble));
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_CostsAndMassesOfAnySize_ScaleTheAnswer(
        [Values(1e-300, 1e-150, 1e150, 1e300)] double costScale, [Values(1e-300, 1, 1e300)] double mass, CancellationToken cancellation)
    {
        double[] a = Drawn.ExactWeights(3, Rows), b = Drawn.ExactWeights(4, Columns), cost = Drawn.Costs(5, Rows, Columns, 99);
        double expected = NaiveTransportLp.Solve(cost, a, b).Value * costScale * mass;
        double[] scaled = [.. cost.Select(c => c * costScale)], scaledA = [.. a.Select(w => w * mass)], scaledB = [.. b.Select(w => w * mass)];
        using TransportResult<double> result = Solve(ExactInputs.Dense<double>(scaled, scaledA, scaledB), cancellation);

        if (!double.IsFinite(expected))
        {
            Assert.That(result.Status, Is.EqualTo(SolveStatus.NumericalFailure));
            return;
        }

        // What the product of two tiny numbers loses below double's range, no arithmetic on doubles keeps.
        if (!double.IsNormal(expected))
        {
            Assert.That(result.TransportCost, Is.EqualTo(expected).Within((Rows + Columns) * double.Epsilon));
            return;
        }

        ExactEvidence.Proves(result, scaled, scaledA, scaledB, "scaled");
        Assert.That(RelativeError.Of(result.TransportCost, expected), Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble));
    }

    [TestCase(typeof(double))]
    [TestCase(typeof(float))]
    [CancelAfter(Patience)]
    public void Solve_CloudAndItsCopyAMillionthAway_CostTheSquareOfThat(Type element, CancellationToken cancellation)
    {
        if (element == typeof(float))
            NearlyIdentical<float>(cancellation);
        else
            NearlyIdentical<double>(cancellation);
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_WeightsOverTwelveOrders_AreAllServed(CancellationToken cancellation)
    {
        for (int seed = 0; seed < 40; seed++)
        {
            double[] a = Drawn.WideWeights(seed, Rows, 12), b = Drawn.WideWeights(seed + 1, Columns, 12);
            double[] x = Drawn.Cloud(seed, Rows, 2), y = Drawn.Cloud(seed + 1, Columns, 2), cost = NaiveCost.SquaredEuclidean.Between(x, y, 2);
            using TransportResult<double> result = Solve(ExactInputs.Points<double>(x, y, 2, Cost.SquaredEuclidean, a, b), cancellation);

            ExactEvidence.Proves(result, cost, a, b, $"seed {seed}");
            Assert.That(
                RelativeError.Of(result.TransportCost, NaiveTransportLp.Solve(cost, a, b).Value), Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble), $"seed {seed}");
            Assert.That(result.Plan.ToSparse().Select(e => e.Row).Distinct().Count(), Is.EqualTo(Rows), $"seed {seed}");
        }
    }

    [TestCase(1)]
    [TestCase(9)]
    [TestCase(1_000_000)]
    [CancelAfter(Patience)]
    public void Solve_UniformAssignment_IsAMatching(int largest, CancellationToken cancellation)
    {
        const int Count = 200;
        double[] cost = Drawn.Costs(largest, Count, Count, largest), ones = [.. Enumerable.Repeat(1.0, Count)];
        using TransportResult<double> result = Solve(ExactInputs.Dense<double>(cost, ones, ones), cancellation);

        // Whole costs and masses: the dual value of whole feasible potentials equals the cost to the bit, or one of them is wrong.
        ExactEvidence.Proves(result, cost, ones, ones, "assignment");
        Assert.That(result.DualCost, Is.EqualTo(result.TransportCost));
        Assert.That(result.Plan.ToSparse().Select(e => e.Mass), Has.Exactly(Count).EqualTo(1));
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_AllPointsEqual_CostsNothing([Values(1, 2, 9)] int dimension, CancellationToken cancellation)
    {
        double[] point = Drawn.Cloud(dimension, 1, dimension), a = Drawn.Weights(1, Rows), b = Drawn.Weights(2, Columns);
        double[] x = [.. Enumerable.Repeat(point, Rows).SelectMany(p => p)], y = [.. Enumerable.Repeat(point, Columns).SelectMany(p => p)];
        foreach (Cost cost in new[] { Cost.SquaredEuclidean, Cost.Euclidean, Cost.Manhattan, Cost.Chebyshev, Cost.PNorm(3, 2) })
        {
            using TransportResult<double> result = Solve(ExactInputs.Points<double>(x, y, dimension, cost, a, b), cancellation);

            ExactEvidence.Proves(result, new double[Rows * Columns], a, b, cost.Kind.ToString());
            Assert.That(result.TransportCost, Is.Zero, cost.Kind.ToString());
        }
    }

    [Test]
    [CancelAfter(Patience)]
    public void Solve_CostsOverManyOrdersMixed_ClaimNoMoreThanTheyProve([Values(0, 1, 2, 3)] int mixture, CancellationToken cancellation)
    {
        const int Problems = 150, MostStalled = Problems / 20;
        int stalled = 0;
        for (int seed = 0; seed < Problems; seed++)
        {
            int n = 2 + (seed % 37), m = 2 + (seed % 29);
            double[] cost = Mixed(mixture, seed, n * m);

            // Weights of 20 bits: no rounding of a mass has to travel at a huge cost.
            double[] a = Drawn.ExactWeights(seed, n), b = Drawn.ExactWeights(seed + 1, m);
            double attained = NaiveTransportLp.Solve(cost, a, b).Value;
            foreach (TransportProblem<double> stated in new[] { ExactInputs.Dense<double>(cost, a, b), ExactInputs.Sparse<double>(cost, a, b) })
            {
                using TransportResult<double> result = Solve(stated, cancellation);
                string name = $"seed {seed}, {stated.Geometry.GetType().Name}";
                Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged).Or.EqualTo(SolveStatus.Stalled), name);
                if (result.Status == SolveStatus.Stalled)
                {
                    stalled++;
                    continue;
                }

                ExactEvidence.Proves(result, cost, a, b, name);
                Assert.That(result.TransportCost - attained, Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble * Math.Abs(attained)), name);
            }
        }

        TestContext.Out.WriteLine($"{stalled} of {2 * Problems} answers stalled");
        Assert.That(stalled, Is.LessThanOrEqualTo(MostStalled));
    }

    private static double[] Mixed(int mixture, int seed, int count)
    {
        var random = new Random(seed);
        double share = random.NextDouble();
        return [.. Enumerable.Range(0, count).Select(_ => mixture switch
        {
            0 => random.NextDouble() < share ? random.NextDouble() : Math.Pow(10, 20 + (12 * random.NextDouble())),
            1 => random.NextDouble() < share ? random.Next(100) : 1e32,
            2 => random.NextDouble() < share ? random.NextDouble() : Math.Pow(10, 32 * random.NextDouble()),
            _ => (random.NextDouble() < 0.5 ? -1 : 1) * Math.Pow(10, 32 * random.NextDouble()),
        })];
    }

    private static void NearlyIdentical<T>(CancellationToken cancellation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Coordinates of 20 bits and a shift of 2^-20, so that the shifted ones are exact, in float too.
        double shift = Math.ScaleB(1, -20);
        double[] x = [.. Drawn.Uniform(1, 2 * Rows).Select(v => Math.Floor(v / shift) * shift)], y = [.. x.Select((v, k) => k % 2 == 0 ? v + shift : v)];
        double[] weights = Drawn.ExactWeights(2, Rows);
        using TransportResult<T> result = Engines.Default.Solve(
            ExactInputs.Points<T>(x, y, 2, Cost.SquaredEuclidean, weights, weights), new Exact(), cancellationToken: cancellation);

        ExactEvidence.Proves(result, NaiveCost.SquaredEuclidean.Between(x, y, 2), weights, weights, typeof(T).Name);
        Assert.That(RelativeError.Of(result.TransportCost, shift * shift), Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble));
    }

    private static TransportResult<double> Solve(TransportProblem<double> problem, CancellationToken cancellation) =>
        Engines.Default.Solve(problem, new Exact(), cancellationToken: cancellation);

    /// <summary>Two to four blocks of equal mass on both sides, small whole costs inside, 1e20 to 1e32 between them.</summary>
    private static (double[] Cost, double[] A, double[] B, double Expected) BlocksApart(int seed)
    {
        var random = new Random(seed);
        int blocks = 2 + (seed % 3);
        List<(int Block, double Weight)> rows = [], columns = [];
        double expected = 0;
        List<double[]> inside = [];
        for (int block = 0; block < blocks; block++)
        {
            int n = random.Next(1, 8), m = random.Next(1, 8);
            double[] a = Drawn.ExactWeights(random.Next(), n), b = Drawn.ExactWeights(random.Next(), m);
            rows.AddRange(a.Select(w => (block, w)));
            columns.AddRange(b.Select(w => (block, w)));
            inside.Add(Drawn.Costs(random.Next(), n, m, 99));
            expected += NaiveTransportLp.Solve(inside[block], a, b).Value;
        }

        List<double> cost = [];
        int[] next = new int[blocks];
        foreach ((int from, _) in rows)
        {
            foreach ((int to, _) in columns)
                cost.Add(from == to ? inside[from][next[from]++] : Math.Pow(10, 20 + (12 * random.NextDouble())));
        }

        return ([.. cost], [.. rows.Select(r => r.Weight)], [.. columns.Select(c => c.Weight)], expected);
    }
}

using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Transport along some arcs only.</summary>
[Category("Simd")]
public sealed class ExactSparseTests
{
    private const double Absent = double.PositiveInfinity;

    // More than any path of a few dozen arcs of cost 99 or less, and whole, so that the naive programme stays exact.
    private const double InPlaceOfAbsent = 1e6;

    [Test]
    public void Solve_ArcsDrawnAtRandom_AgreesWithTheNaiveProgrammeOrIsInfeasible()
    {
        int feasible = 0, infeasible = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            int n = 1 + (seed % 17), m = 1 + (seed % 13);
            double[] a = Drawn.ExactWeights(seed, n), b = Drawn.ExactWeights(seed + 1, m);
            double[] cost = Thinned(Drawn.Costs(seed + 2, n, m, 99), seed, 0.25 + (0.7 * (seed % 8) / 7));
            NaiveTransportAnswer naive = NaiveTransportLp.Solve([.. cost.Select(c => double.IsFinite(c) ? c : InPlaceOfAbsent)], a, b);
            if (naive.Plan.Where((mass, k) => mass > 0 && !double.IsFinite(cost[k])).Any())
            {
                IsInfeasible(ExactInputs.Sparse<double>(cost, a, b), $"seed {seed}");
                infeasible++;
                continue;
            }

            using TransportResult<double> result = Solve(ExactInputs.Sparse<double>(cost, a, b));
            using TransportResult<float> narrow = Engines.Default.Solve(ExactInputs.Sparse<float>(cost, a, b), new Exact());
            ExactEvidence.Proves(result, cost, a, b, $"seed {seed}");
            ExactEvidence.Proves(narrow, cost, a, b, $"seed {seed}, float");
            Assert.That((result.TransportCost, narrow.TransportCost), Is.EqualTo((naive.Value, naive.Value)), $"seed {seed}");
            feasible++;
        }

        Assert.That(Math.Min(feasible, infeasible), Is.GreaterThan(50), "both outcomes are met often");
    }

    [TestCase(1e12)]
    [TestCase(1e32)]
    [TestCase(1e200)]
    public void Solve_UnneededHugeArcs_LeaveTheDigitsOfTheSmallOnes(double huge)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            int n = 2 + (seed % 19), m = 2 + (seed % 11);
            double[] a = Drawn.ExactWeights(seed, n), b = Drawn.ExactWeights(seed + 1, m);
            double[] small = Thinned(Drawn.Costs(seed + 2, n, m, 99), seed, 0.5);
            NaiveTransportAnswer naive = NaiveTransportLp.Solve([.. small.Select(c => double.IsFinite(c) ? c : InPlaceOfAbsent)], a, b);
            if (naive.Plan.Where((mass, k) => mass > 0 && !double.IsFinite(small[k])).Any())
                continue;

            double[] cost = [.. small.Select((c, k) => double.IsFinite(c) || k % 3 == 0 ? c : huge)];
            using TransportResult<double> result = Solve(ExactInputs.Sparse<double>(cost, a, b));

            ExactEvidence.Proves(result, cost, a, b, $"seed {seed}");
            Assert.That(RelativeError.Of(result.TransportCost, naive.Value), Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble), $"seed {seed}");
        }
    }

    [Test]
    public void Solve_AtomsWithoutArcsAndWithoutMass_HavePotentialsOfZero()
    {
        double[] a = [.75, 0, .25], b = [.5, .5, 0];
        double[] cost = [1, 4, Absent, Absent, Absent, Absent, 3, 2, Absent];
        using TransportResult<double> result = Solve(ExactInputs.Sparse<double>(cost, a, b));

        ExactEvidence.Proves(result, cost, a, b, "empty row and column");
        Assert.That(result.TransportCost, Is.EqualTo(2));
        Assert.That((result.Potentials.F.Span[1], result.Potentials.G.Span[2]), Is.EqualTo((0.0, 0.0)));
    }

    [Test]
    public void Solve_AtomWithMassAndWithoutArcs_IsInfeasible()
    {
        IsInfeasible(ExactInputs.Sparse<double>([1, 4, Absent, Absent], [.75, .25], [.5, .5]), "row");
        IsInfeasible(ExactInputs.Sparse<double>([1, Absent, 2, Absent], [.75, .25], [.5, .5]), "column");
        IsInfeasible(ExactInputs.Sparse<double>([Absent, Absent], [1], [.25, .75]), "no arcs at all");
    }

    [Test]
    public void Solve_PartsOfUnequalTotals_AreInfeasible() =>
        IsInfeasible(ExactInputs.Sparse<double>([1, Absent, Absent, 1], [.75, .25], [.25, .75]), "two parts");

    [Test]
    public void Solve_PartsWhoseTotalsDifferByRounding_AreSolved()
    {
        double[] a = [.1, .2, .7], b = [.3, .7], cost = [1, Absent, 2, Absent, Absent, 3];
        using TransportResult<double> result = Solve(ExactInputs.Sparse<double>(cost, a, b));

        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
        Assert.That(RelativeError.Of(result.TransportCost, 2.6), Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble));
    }

    [Test]
    public void Solve_WarmStarted_CostsTheSame()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            int n = 2 + (seed % 29), m = 2 + (seed % 23);
            double[] a = Drawn.ExactWeights(seed, n), b = Drawn.ExactWeights(seed + 1, m);

            // The first row and the first column are complete and take a detour's cost, so that the problem is feasible if both have mass.
            double[] cost = [.. Thinned(Drawn.Costs(seed + 2, n, m, 99), seed, 0.4).Select((c, k) => (k < m || k % m == 0) && !double.IsFinite(c) ? 500 : c)];
            (a[0], b[0]) = (a[0] + 1, b[0] + 1);
            using TransportResult<double> cold = Solve(ExactInputs.Sparse<double>(cost, a, b));
            DualPotentials far = new(Drawn.Cloud(seed, n, 1, offset: 1e6), Drawn.Cloud(seed, m, 1, offset: -1e6));
            foreach (DualPotentials start in new[] { cold.Potentials, far })
            {
                using TransportResult<double> warm = Engines.Default.Solve(ExactInputs.Sparse<double>(cost, a, b), new Exact { WarmStart = start });
                ExactEvidence.Proves(warm, cost, a, b, $"seed {seed}");
                Assert.That(warm.TransportCost, Is.EqualTo(cold.TransportCost), $"seed {seed}");
            }
        }
    }

    [Test]
    public void Solve_AllArcs_IsTheDenseProblem()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            int n = 1 + (seed % 31), m = 1 + (seed % 37);
            double[] a = Drawn.Weights(seed, n), b = Drawn.Weights(seed + 1, m), cost = Drawn.Uniform(seed + 2, n * m);
            using TransportResult<double> dense = Solve(ExactInputs.Dense<double>(cost, a, b));
            using TransportResult<double> sparse = Solve(ExactInputs.Sparse<double>(cost, a, b));

            ExactEvidence.Proves(sparse, cost, a, b, $"seed {seed}");
            Assert.That(
                RelativeError.Of(sparse.TransportCost, dense.TransportCost), Is.LessThanOrEqualTo(2 * ExactEvidence.CertificateInDouble), $"seed {seed}");
        }
    }

    private static TransportResult<double> Solve(TransportProblem<double> problem) => Engines.Default.Solve(problem, new Exact());

    private static void IsInfeasible(TransportProblem<double> problem, string name) => Assert.That(
        () => Solve(problem), Throws.TypeOf<ProblemException>().With.Property(nameof(ProblemException.Error)).EqualTo(ProblemError.Infeasible), name);

    private static double[] Thinned(double[] cost, int seed, double share)
    {
        double[] draws = Drawn.Uniform(seed + 1000, cost.Length);
        return [.. cost.Select((c, k) => draws[k] < share ? c : Absent)];
    }
}

using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Finite costs so large that sums of a few overflow: the answer may be refused, never wrong, never late.</summary>
[Category("Simd")]
public sealed class ExactOverflowTests
{
    // Costs of this exponent and below leave room for the sums of the naive programme.
    private const int Down = -40;

    private const int Problems = 1500;

    [Test]
    public void Solve_CostsAtTheEndOfTheRange_ConvergesRightOrFailsOpenly([Values(0, 1, 2, 3)] int mixture)
    {
        int converged = 0;
        for (int seed = 0; seed < Problems; seed++)
        {
            int n = 1 + (seed % 11), m = 1 + (seed % 13);
            double[] cost = Costs(mixture, seed, n * m), a = Drawn.ExactWeights(seed, n), b = Drawn.ExactWeights(seed + 1, m);
            double[] smaller = [.. cost.Select(c => Math.ScaleB(c, Down))];
            double expected = NaiveTransportLp.Solve(smaller, a, b).Value;
            double scale = TransportEvidence.LargestMagnitude(smaller);
            foreach (TransportProblem<double> stated in new[] { ExactInputs.Dense<double>(cost, a, b), ExactInputs.Sparse<double>(cost, a, b) })
            {
                using TransportResult<double> result = Engines.Default.Solve(stated, new Exact());
                string name = $"seed {seed}, {stated.Geometry.GetType().Name}";
                Assert.That(result.Status, Is.AnyOf(SolveStatus.Converged, SolveStatus.Stalled, SolveStatus.NumericalFailure), name);
                if (result.Status != SolveStatus.Converged)
                    continue;
                converged++;
                Assert.That(Math.ScaleB(result.TransportCost, Down), Is.EqualTo(expected).Within(ExactEvidence.CertificateInDouble * scale), name);
                Assert.That(result.LowerBound, Is.LessThanOrEqualTo(result.UpperBound), name);
            }
        }

        TestContext.Out.WriteLine($"{converged} of {2 * Problems} answers converged");
    }

    [Test]
    public void SolveCosts_CostsAtTheEndOfTheRange_AreThoseOfSolveOrNaN([Values(0, 1, 2, 3)] int mixture)
    {
        for (int seed = 0; seed < Problems; seed++)
        {
            int bins = 1 + (seed % 9);
            double[] cost = Costs(mixture, seed, bins * bins), costs = new double[1];

            // Without massless atoms, whose potentials only Solve returns and may find out of range.
            double[] a = [.. Enumerable.Range(0, bins).Select(k => (double)(1 + ((seed + k) % 3)))], b = [.. a.Reverse()];
            DenseGeometry<double> geometry = new(cost, bins, bins);
            using TransportResult<double> result = Engines.Default.Solve(TransportProblem.On(geometry).WithWeights(a, b), new Exact());
            Engines.Default.SolveCosts(geometry, (double[])[.. a, .. b], [(0, 1)], new Exact(), costs);
            Assert.That(costs[0], Is.EqualTo(result.Status == SolveStatus.Converged ? result.TransportCost : double.NaN), $"seed {seed}");
        }
    }

    [Test]
    public void Solve_SparseArcsThatNoArtificialCostOutweighs_AreNotCalledInfeasible()
    {
        // Source 0 comes first and takes the only sink that source 1 reaches; making room costs 1.6e308.
        const double Absent = double.PositiveInfinity;
        using TransportResult<double> result = Engines.Default.Solve(
            ExactInputs.Sparse<double>([1, 1.6e308, 2, Absent], [.25, .75], [.75, .25]), new Exact());
        Assert.That(result.Status, Is.EqualTo(SolveStatus.NumericalFailure));
        Assert.That(result.UpperBound, Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void Solve_PointsWhoseSquaresOverflow_FailsOpenly([Values(1e155, 1e200, 1.7e308)] double far)
    {
        double[] x = [far, -far, 3], y = [far / 2, -far, 0], a = [.25, .5, .25], b = [.25, .25, .5];
        foreach (Cost cost in new[] { Cost.SquaredEuclidean, Cost.Euclidean, Cost.PNorm(3), Cost.PNorm(2, 3), Cost.PNorm(1, 2) })
        {
            using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Points<double>(x, y, 1, cost, a, b), new Exact());
            Assert.That(result.Status, Is.EqualTo(SolveStatus.NumericalFailure), cost.ToString());
        }
    }

    private static double[] Costs(int mixture, int seed, int count)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => mixture switch
        {
            0 => (random.Next(2) == 0 ? -1 : 1) * (random.Next(4) == 0 ? 1e308 : random.NextDouble()),
            1 => 1.7e308 * ((2 * random.NextDouble()) - 1),
            2 => random.Next(6) == 0 ? double.MaxValue : random.Next(5),
            _ => random.Next(3) == 0 ? 1e300 : 1e290 * random.NextDouble(),
        })];
    }
}

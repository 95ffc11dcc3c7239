using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>A solve that was cut short still hands over what holds of its state.</summary>
[TestFixture(typeof(double))]
[TestFixture(typeof(float))]
public sealed class ExactMaxIterationsTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly Exact OnePivot = new() { MaxIterations = 1 };

    [TestCase(23, 31)]
    [TestCase(64, 65)]
    public void Solve_DenseCutShort_HasAFeasiblePlanAndBracketsTheOptimum(int n, int m)
    {
        double[] cost = ExactInputs.Seen<T>(Drawn.Cloud(n, n * m, 1));
        double[] a = Drawn.ExactWeights(n, n);
        double[] b = Drawn.ExactWeights(m + 100, m);
        TransportProblem<T> problem = ExactInputs.Dense<T>(cost, a, b);
        using TransportResult<T> optimum = Engines.Default.Solve(problem, new Exact());
        using TransportResult<T> cut = Engines.Default.Solve(problem, OnePivot);
        Assert.That(ExactEvidence.Flaws(cut, cost, a, b), Is.Empty);
        double slack = ExactEvidence.CertificateInDouble * Math.Abs(optimum.TransportCost);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(optimum.Iterations, Is.GreaterThan(1), "one pivot must not be enough");
            Assert.That(cut.Status, Is.EqualTo(SolveStatus.MaxIterations));
            Assert.That(cut.Iterations, Is.EqualTo(1));
            Assert.That(cut.LowerBound, Is.LessThanOrEqualTo(optimum.TransportCost + slack));
            Assert.That(cut.UpperBound, Is.GreaterThanOrEqualTo(optimum.TransportCost - slack));
            Assert.That(cut.UpperBound, Is.EqualTo(cut.TransportCost));
        }
    }

    [Test]
    public void Solve_SparseCutShortWithMassStranded_HasNoUpperBound()
    {
        // Staircase: the cheapest arcs use up what later sources need, so that mass travels under the root until many pivots are done.
        const int N = 40;
        double[] cost = new double[N * N];
        Array.Fill(cost, double.PositiveInfinity);
        for (int i = 0; i < N; i++)
        {
            cost[(i * N) + i] = 10;
            if (i + 1 < N)
                cost[(i * N) + i + 1] = 1;
        }

        double[] a = [.. Enumerable.Repeat(1.0, N - 1), 0.5];
        double[] b = [.. Enumerable.Repeat(1.0, N - 1), 0.5];
        TransportProblem<T> problem = ExactInputs.Sparse<T>(cost, a, b);
        using TransportResult<T> optimum = Engines.Default.Solve(problem, new Exact());
        using TransportResult<T> cut = Engines.Default.Solve(problem, OnePivot);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(optimum.Status, Is.EqualTo(SolveStatus.Converged));
            Assert.That(optimum.TransportCost, Is.EqualTo(395));
            Assert.That(cut.Status, Is.EqualTo(SolveStatus.MaxIterations));
            Assert.That(cut.Mass, Is.LessThan(optimum.Mass));
            Assert.That(cut.UpperBound, Is.EqualTo(double.PositiveInfinity));
            Assert.That(cut.LowerBound, Is.LessThanOrEqualTo(395));
            Assert.That(cut.MarginalErrorA, Is.EqualTo(optimum.Mass - cut.Mass).Within(ExactEvidence.MarginalShare * optimum.Mass));
        }
    }

    [Test]
    public void SolveCosts_CutShort_AreNaN()
    {
        const int Bins = 31;
        double[] costs = new double[1];
        Engines.Default.SolveCosts<T>(
            new DenseGeometry<T>(ExactInputs.To<T>(Drawn.Cloud(1, Bins * Bins, 1)), Bins, Bins),
            ExactInputs.To<T>([.. Drawn.ExactWeights(1, Bins), .. Drawn.ExactWeights(2, Bins)]),
            [(0, 1)],
            OnePivot,
            costs);
        Assert.That(costs[0], Is.NaN);
    }
}

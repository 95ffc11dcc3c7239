using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Support;

/// <summary>The naive references of entropic transport against values made otherwise, and each seen to notice what is wrong.</summary>
public sealed class NaiveEntropicTests
{
    // Facts are stated to eight or nine digits.
    private const double EightDigits = 1e-8;

    // Sums of a few hundred terms, each of an exponential whose argument, up to 1e4, is rounded to 2^-53 of itself.
    private const double RoundingOfExponents = 1e-11;

    // A few logarithms and exponentials of numbers of order one.
    private const double Rounding = 1e-14;

    private static readonly double[] Half = [.5, .5];
    private static readonly double[] Swap = [0, 1, 1, 0];

    [Test]
    public void Solve_TwoByTwo_HasTheStatedValues()
    {
        (double[] f, double[] g, _) = NaiveSinkhorn.Solve(Swap, Half, Half, 1, 0, most: 50);
        double[] plan = NaiveEntropic.Plan(Swap, Half, Half, f, g, 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(plan[0], Is.EqualTo(.36552929).Within(EightDigits));
            Assert.That(TransportEvidence.TransportCost(Swap, plan), Is.EqualTo(.268941421).Within(EightDigits));
            Assert.That(NaiveEntropic.RegularizedCost(Swap, plan, Half, Half, 1), Is.EqualTo(.379885493).Within(EightDigits));
            Assert.That(NaiveEntropic.DualCost(Swap, Half, Half, f, g, 1), Is.EqualTo(.379885493).Within(EightDigits));
        }
    }

    [TestCase(.5, .5, .3220536, .1184769, .1184769, .3220536)]
    [TestCase(.5, .1, .33830133, .1729195, .02308173, .08717611)]
    public void Sweep_DampedByKlMarginals_LeadsToTheStatedPlan(double a0, double a1, double p00, double p01, double p10, double p11)
    {
        double[] a = [a0, a1], f = [0, 0], g = [0, 0], expected = [p00, p01, p10, p11];
        for (int k = 0; k < 100; k++)
            (f, g) = NaiveSinkhorn.Sweep(Swap, a, Half, f, g, 1, lambdaA: .5, lambdaB: .5);

        Assert.That(NaiveEntropic.Plan(Swap, a, Half, f, g, 1), Is.EqualTo(expected).Within(1e-7));
    }

    [Test]
    public void Sweep_RelaxedAndDamped_IsTheFusedFormula([Values(1, 1.3, 1.9)] double omega, [Values(1, .7)] double lambdaA, [Values(1, .4)] double lambdaB)
    {
        const double Epsilon = .37;
        double[] a = Drawn.Weights(1, 7), b = Drawn.Weights(2, 5), cost = Drawn.Uniform(3, 35), f = Drawn.Cloud(4, 7, 1), g = Drawn.Cloud(5, 5, 1);
        (double[] nextF, double[] nextG) = NaiveSinkhorn.Sweep(cost, a, b, f, g, Epsilon, omega, lambdaA, lambdaB);

        double[] e = [.. cost.Select((c, k) => Math.Exp((f[k / 5] + g[k % 5] - c) / Epsilon))];
        double[] fusedF = [.. f.Select((p, i) => ((1 - omega) * p) + (omega * lambdaA * (p - (Epsilon * Math.Log(b.Select((v, j) => v * e[(i * 5) + j]).Sum())))))];
        double[] s = [.. fusedF.Zip(f, (p, q) => Math.Exp((p - q) / Epsilon))];
        double[] fusedG = [.. g.Select((p, j) => ((1 - omega) * p) + (omega * lambdaB * (p - (Epsilon * Math.Log(a.Select((w, i) => w * s[i] * e[(i * 5) + j]).Sum())))))];
        Assert.That(nextF, Is.EqualTo(fusedF).Within(Rounding));
        Assert.That(nextG, Is.EqualTo(fusedG).Within(Rounding));
    }

    [Test]
    public void Quantities_OfTheOraclesPotentials_AreTheOraclesValues()
    {
        foreach (EntropicCase problem in OracleFile.Entropic)
        {
            double[] cost = problem.CostMatrix(), plan = NaiveEntropic.Plan(cost, problem.A, problem.B, problem.F, problem.G, problem.Epsilon);
            double mass = problem.A.Sum(), scale = mass * (TransportEvidence.LargestMagnitude(cost) + (problem.Epsilon * Math.Max(1, mass)));
            (double errorA, double errorB) = NaiveEntropic.MarginalErrors(plan, problem.A, problem.B);
            (double ofF, double ofG) = NaiveEntropic.LowerBounds(cost, problem.A, problem.B, problem.F, problem.G);
            double[] rounded = NaiveEntropic.Rounded(plan, problem.A, problem.B);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(errorA / mass, Is.LessThan(RoundingOfExponents), problem.Name);
                Assert.That(errorB / mass, Is.LessThan(RoundingOfExponents), problem.Name);
                Assert.That(TransportEvidence.TransportCost(cost, plan), Is.EqualTo(problem.TransportCost).Within(RoundingOfExponents * scale), problem.Name);
                Assert.That(
                    NaiveEntropic.RegularizedCost(cost, plan, problem.A, problem.B, problem.Epsilon),
                    Is.EqualTo(problem.RegularizedCost).Within(RoundingOfExponents * scale), problem.Name);
                Assert.That(
                    NaiveEntropic.DualCost(cost, problem.A, problem.B, problem.F, problem.G, problem.Epsilon),
                    Is.EqualTo(problem.RegularizedCost).Within(RoundingOfExponents * scale), problem.Name);
                Assert.That(Math.Max(ofF, ofG), Is.LessThanOrEqualTo(problem.ExactCost + (RoundingOfExponents * scale)), problem.Name);
                Assert.That(TransportEvidence.TransportCost(cost, rounded), Is.GreaterThanOrEqualTo(problem.ExactCost - (RoundingOfExponents * scale)), problem.Name);
                Assert.That(NaiveSoftMin.OfColumns(cost, problem.G, problem.B, problem.Epsilon), Is.EqualTo(problem.F).Within(RoundingOfExponents * scale / mass), problem.Name);
                Assert.That(NaiveSoftMin.OfRows(cost, problem.F, problem.A, problem.Epsilon), Is.EqualTo(problem.G).Within(RoundingOfExponents * scale / mass), problem.Name);
            }
        }
    }

    [Test]
    public void Solve_OracleProblemsOfModerateEpsilon_HasTheirValues()
    {
        // What a marginal error of 1e-13 of the mass may move at the largest cost, contraction rates up to 0.999.
        const double Converged = 1e-10;
        foreach (EntropicCase problem in OracleFile.Entropic.Where(p => p.Ratio >= 0.1))
        {
            double[] cost = problem.CostMatrix();
            (double[] f, double[] g, _) = NaiveSinkhorn.Solve(cost, problem.A, problem.B, problem.Epsilon, 1e-13);
            double[] plan = NaiveEntropic.Plan(cost, problem.A, problem.B, f, g, problem.Epsilon);
            double scale = problem.A.Sum() * TransportEvidence.LargestMagnitude(cost);
            Assert.That(TransportEvidence.TransportCost(cost, plan), Is.EqualTo(problem.TransportCost).Within(Converged * scale), problem.Name);
        }
    }

    [Test]
    public void Rounded_AnyPlan_HasTheMarginals()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            int n = 1 + (seed % 7), m = 1 + (seed % 5);
            double[] a = Drawn.ExactWeights(seed, n), b = Drawn.ExactWeights(seed + 1, m);
            double[] plan = [.. Drawn.Uniform(seed + 2, n * m).Select((u, k) => u * a[k / m] * b[k % m] * (1 + (seed % 3)))];
            double[] rounded = NaiveEntropic.Rounded(plan, a, b);
            Assert.That(TransportEvidence.MarginalError(rounded, a, b), Is.LessThan(Rounding), $"seed {seed}");
            Assert.That(TransportEvidence.NegativeMass(rounded), Is.Zero, $"seed {seed}");
        }
    }

    [Test]
    public void Rounded_FeasiblePlan_StaysAsItIs() => Assert.That(NaiveEntropic.Rounded([.25, .25, .25, .25], Half, Half), Is.EqualTo(new[] { .25, .25, .25, .25 }));

    [Test]
    public void MarginalErrors_MassInTheWrongColumn_AreSeenOnThatSideOnly() =>
        Assert.That(NaiveEntropic.MarginalErrors([.5, 0, .25, .25], Half, Half), Is.EqualTo((0.0, 0.5)));

    [Test]
    public void KullbackLeibler_OfOtherMass_CountsTheDifferenceOfMasses() =>
        Assert.That(NaiveEntropic.KullbackLeibler([1, 0, 0, 0], [1, 1], [1, 1]), Is.EqualTo(3));

    [Test]
    public void Apply_ThreeByTwoByHand_IsTheMatrixProduct() =>
        Assert.That(NaiveEntropic.Apply([1, 2, 3, 4, 5, 6], [1, 10, 0, 1], 2), Is.EqualTo(new double[] { 1, 12, 3, 34, 5, 56 }));

    [Test]
    public void SoftMin_AtEpsilonZero_IsTheHardTransform()
    {
        double[] cost = Drawn.Uniform(1, 35), g = Drawn.Cloud(2, 5, 1), b = Drawn.Weights(3, 5);
        Assert.That(NaiveSoftMin.OfColumns(cost, g, b, 0), Is.EqualTo(NaiveCTransform.OfColumns(cost, g, b)));
        Assert.That(NaiveSoftMin.OfColumns(cost, g, b, 1e-9), Is.EqualTo(NaiveCTransform.OfColumns(cost, g, b)).Within(1e-7));
    }

    [Test]
    public void SoftMin_WithoutMass_IsInfinite() => Assert.That(NaiveSoftMin.Of([1, 2], [0, 0], [0, 0], 1), Is.EqualTo(double.PositiveInfinity));

    [Test]
    public void SoftMin_AxisAfterAxis_IsTheDenseOneOfTheProductCost()
    {
        const double Epsilon = .3;
        int[] shape = [3, 4, 2];
        double[][] axisCosts = [.. shape.Select((s, axis) => NaiveCost.SquaredEuclidean.Between(Drawn.Cloud(axis, s, 1), Drawn.Cloud(axis + 9, s, 1), 1))];
        double[] b = Drawn.Weights(1, 24), g = Drawn.Cloud(2, 24, 1);
        double[] values = [.. g.Zip(b, (p, w) => p + (Epsilon * Math.Log(w)))];
        for (int axis = 0; axis < 3; axis++)
            values = [.. NaiveSoftMin.AlongAxis(values, shape, axis, axisCosts[axis], Epsilon).Select(v => -v)];
        double[] dense = NaiveSoftMin.OfColumns(NaiveGrid.ProductCost(axisCosts), g, b, Epsilon);

        Assert.That(values.Select(v => -v), Is.EqualTo(dense).Within(Rounding));
    }

    [Test]
    public void ProductCost_OfAGridsAxes_IsTheGroundCostOfItsPoints()
    {
        double[][] axes = [[0, 1, 3], [5, 7], [-1, 0, 1, 2]];
        double[] points = NaiveGrid.Points(axes), cost = NaiveCost.SquaredEuclidean.Between(points, points, 3);
        Assert.That(NaiveGrid.ProductCost([.. axes.Select(axis => NaiveCost.SquaredEuclidean.Between(axis, axis, 1))]), Is.EqualTo(cost));
    }
}

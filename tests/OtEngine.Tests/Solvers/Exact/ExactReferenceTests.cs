using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Values computed elsewhere, and values that can be worked out by hand.</summary>
[Category("Simd")]
public sealed class ExactReferenceTests
{
    // Costs and weights are each rounded to 24 bits; a slightly wrong mass may travel at the largest cost.
    private const double FloatInputs = 4.0 / (1 << 24);

    // The fact is stated to ten digits after the point.
    private const double NineDigits = 1e-9;

    private static IEnumerable<ReferenceCase> Cases() => OracleFile.Reference.Where(c => c.Family == "exact");

    [TestCaseSource(nameof(Cases))]
    public void Solve_ReferenceCaseInDouble_HasTheValue(ReferenceCase reference)
    {
        using TransportResult<double> result = Solved<double>(reference, out double[] cost);

        double expected = reference.Expected["transport_cost"][0];
        ExactEvidence.Proves(result, cost, reference.Arrays["a"].Values, reference.Arrays["b"].Values, reference.Name);
        Assert.That(result.TransportCost, Is.EqualTo(expected).Within(reference.AbsoluteTolerance + (reference.RelativeTolerance * Math.Abs(expected))));
        if (reference.Expected.TryGetValue("plan", out double[]? plan))
            Assert.That(Materialized(result), Is.EqualTo(plan).Within(reference.AbsoluteTolerance));
    }

    [TestCaseSource(nameof(Cases))]
    public void Solve_ReferenceCaseInFloat_IsRightToItsInputs(ReferenceCase reference)
    {
        using TransportResult<float> result = Solved<float>(reference, out double[] cost);

        double[] a = ExactInputs.Seen<float>(reference.Arrays["a"].Values), b = ExactInputs.Seen<float>(reference.Arrays["b"].Values);
        ExactEvidence.Proves(result, cost, a, b, reference.Name);
        double tolerance = FloatInputs * TransportEvidence.LargestMagnitude(cost) * a.Sum();
        Assert.That(result.TransportCost, Is.EqualTo(reference.Expected["transport_cost"][0]).Within(tolerance));
    }

    [Test]
    public void Solve_TwoByThree_CostsOne()
    {
        CostsWhole<double>([0, 1, 4, 2, 1, 0], [2, 2], [1, 1, 2], 1);
        CostsWhole<float>([0, 1, 4, 2, 1, 0], [2, 2], [1, 1, 2], 1);
    }

    [Test]
    public void Solve_TwoByThreeUneven_HasItsOnlyPlan()
    {
        CostsWhole<double>([0, 2, 3, 1, 0, 1], [1, 3], [2, 1, 1], 2, [1, 0, 0, 1, 1, 1]);
        CostsWhole<float>([0, 2, 3, 1, 0, 1], [1, 3], [2, 1, 1], 2, [1, 0, 0, 1, 1, 1]);
    }

    [Test]
    public void Solve_TwoPointsInThePlane_CostFourAndAHalf()
    {
        using TransportResult<double> wide = Engines.Default.Solve(TransportProblem.Between(new double[,] { { 0, 0 }, { 0, 2 } }, new double[,] { { 2, 1 }, { 2, 2 } }), new Exact());
        using TransportResult<float> narrow = Engines.Default.Solve(TransportProblem.Between(new float[,] { { 0, 0 }, { 0, 2 } }, new float[,] { { 2, 1 }, { 2, 2 } }), new Exact());

        Assert.That((wide.TransportCost, narrow.TransportCost), Is.EqualTo((4.5, 4.5)));
    }

    [Test]
    public void Solve_CostsUpTo1e32_KeepTheDigitsOfTheSmallOnes()
    {
        double[] cost =
        [
            250.275352, 374.653218, 2413.52736, 1e32, 1.51751540e-3,
            213.08203, 328.812836, 2294.87946, 1e32, .1371098,
            197.333083, 309.175848, 2242.5055, 1e32, 2.46506283,
            1e32, 1e32, 1e32, 5.26223432, 2.5e31,
            38.4690152, 80.9465684, 333.064175, 2.5e31, 0,
        ];
        double[] weights = [.125, .125, .125, .125, .5];
        foreach (TransportProblem<double> stated in new[] { ExactInputs.Dense<double>(cost, weights, weights), ExactInputs.Sparse<double>(cost, weights, weights) })
        {
            using TransportResult<double> result = Engines.Default.Solve(stated, new Exact());

            ExactEvidence.Proves(result, cost, weights, weights, stated.Geometry.GetType().Name);
            double[] f = result.Potentials.F.ToArray(), g = result.Potentials.G.ToArray();
            using (Assert.EnterMultipleScope())
            {
                Assert.That(result.TransportCost, Is.EqualTo(57.543210383).Within(NineDigits));
                Assert.That(result.Certificate.RelativeGap, Is.LessThanOrEqualTo(ExactEvidence.CertificateInDouble));
                Assert.That(f.Concat(g).All(double.IsFinite));

                // In units of the costs, where the potentials' own size could excuse nothing.
                Assert.That(cost.Select((c, k) => f[k / 5] + g[k % 5] - c), Is.All.LessThanOrEqualTo(NineDigits));
            }
        }
    }

    [Test]
    public void Distance_ThreePointsAgainstUniform_IsATwelfth()
    {
        double[] points = [0, .25, .75], a = [.4, .4, .2], b = [1 / 3.0, 1 / 3.0, 1 / 3.0];
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Points<double>(points, points, 1, Cost.Euclidean, a, b), new Exact());

        Assert.That(result.Distance, Is.EqualTo(1 / 12.0).Within(ExactEvidence.CertificateInDouble));
    }

    [Test]
    public void Solve_GaussianHistogramsWithoutMassInTheTails_CostTheDistanceOfTheMeans()
    {
        const double SevenDecimals = 5e-8, Feasible = 1e-8;
        double[] x = [.. Enumerable.Range(0, 500).Select(i => (double)i)], y = [.. Enumerable.Range(0, 600).Select(i => (double)i)];
        double[] a = Gaussian(x, 300, 5), b = Gaussian(y, 400, 10), cost = NaiveCost.Euclidean.Between(x, y, 1);
        Assert.That(a, Has.Some.Zero);
        foreach (TransportProblem<double> stated in new[] { ExactInputs.Dense<double>(cost, a, b), ExactInputs.Points<double>(x, y, 1, Cost.Euclidean, a, b) })
        {
            using TransportResult<double> result = Engines.Default.Solve(stated, new Exact());

            ExactEvidence.Proves(result, cost, a, b, "histograms");
            double[] f = result.Potentials.F.ToArray(), g = result.Potentials.G.ToArray();
            Assert.That(result.TransportCost, Is.EqualTo(100).Within(SevenDecimals));
            Assert.That(cost.Select((c, k) => f[k / y.Length] + g[k % y.Length] - c).Max(), Is.LessThanOrEqualTo(Feasible));
        }
    }

    [Test]
    public void Distance_CloudAndItsTranslation_IsTheShift([Values(1, 2, 3)] int p, [Values(1, 2, 3, 9)] int dimension)
    {
        const int Count = 23;
        double[] x = Drawn.Cloud(p, Count, dimension), weights = Drawn.Weights(dimension, Count);
        double[] shift = Drawn.Cloud(100 + dimension, 1, dimension);
        double[] y = [.. x.Select((v, k) => v + shift[k % dimension])];
        double length = Math.Sqrt(shift.Sum(t => t * t));

        using TransportResult<double> weighted = Engines.Default.Solve(ExactInputs.Points<double>(x, y, dimension, Cost.PNorm(2, p), weights, weights), new Exact());
        double uniform = Engines.Default.Distance(Tensor.Create(x, [Count, dimension]), Tensor.Create(y, [Count, dimension]), p);

        Assert.That(weighted.Distance, Is.EqualTo(length).Within(ExactEvidence.CertificateInDouble * length));
        Assert.That(uniform, Is.EqualTo(length).Within(ExactEvidence.CertificateInDouble * length));
    }

    [Test]
    public void Distance_TwoDiracs_IsTheirDistance([Values(1, 2, 3)] int p, [Values(0, 1e-9, .25, 7, 1e9)] double t)
    {
        double distance = Engines.Default.Distance(Tensor.Create([0.0, 0, 0], [1, 3]), Tensor.Create([0, t, 0], [1, 3]), p);

        Assert.That(distance, Is.EqualTo(t).Within(ExactEvidence.CertificateInDouble * t));
    }

    private static void CostsWhole<T>(double[] cost, double[] a, double[] b, double expected, double[]? plan = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (TransportProblem<T> stated in new[] { ExactInputs.Dense<T>(cost, a, b), ExactInputs.Sparse<T>(cost, a, b) })
        {
            using TransportResult<T> result = Engines.Default.Solve(stated, new Exact());

            ExactEvidence.Proves(result, cost, a, b, $"{typeof(T).Name} {stated.Geometry.GetType().Name}");
            Assert.That(result.TransportCost, Is.EqualTo(expected));
            if (plan is not null)
                Assert.That(Materialized(result), Is.EqualTo(plan));
        }
    }

    private static TransportResult<T> Solved<T>(ReferenceCase reference, out double[] cost)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] a = reference.Arrays["a"].Values, b = reference.Arrays["b"].Values;
        if (reference.Arrays.TryGetValue("C", out var matrix))
        {
            cost = ExactInputs.Seen<T>(matrix.Values);
            return Engines.Default.Solve(ExactInputs.Dense<T>(matrix.Values, a, b), new Exact());
        }

        var ground = NaiveCost.Named(reference.Cost, double.NaN, double.NaN);
        (double[] x, int dimension) = reference.Arrays["x"];
        double[] y = reference.Arrays["y"].Values;
        cost = ground.Between(ExactInputs.Seen<T>(x), ExactInputs.Seen<T>(y), dimension);
        return Engines.Default.Solve(ExactInputs.Points<T>(x, y, dimension, ExactInputs.CostOf(ground), a, b), new Exact());
    }

    private static double[] Materialized<T>(TransportResult<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] plan = new double[result.Potentials.F.Length * result.Potentials.G.Length];
        foreach (PlanEntry entry in result.Plan.ToSparse())
            plan[(entry.Row * result.Potentials.G.Length) + entry.Column] = entry.Mass;
        return plan;
    }

    private static double[] Gaussian(double[] bins, double mean, double deviation)
    {
        double[] density = [.. bins.Select(v => Math.Exp(-(v - mean) * (v - mean) / (2 * deviation * deviation)))];
        double total = NeumaierSum.Of(density);
        return [.. density.Select(v => v / total)];
    }
}

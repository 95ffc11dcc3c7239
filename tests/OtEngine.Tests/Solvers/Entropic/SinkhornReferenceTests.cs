using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Values computed elsewhere, and values that can be worked out by hand.</summary>
[Category("Simd")]
public sealed class SinkhornReferenceTests
{
    // Reference values are right to at most nine digits; marginals well below leave them alone.
    private const double Marginals = 1e-12;

    private const double EightDigits = 5e-9;

    // Default marginals of a float problem, of which the objective's share is less at its flat optimum.
    private const double Float = 1e-4;

    private static readonly double[] Half = [.5, .5];

    private static readonly double[] Swap = [0, 1, 1, 0];

    private static IEnumerable<ReferenceCase> Cases() => OracleFile.Reference.Where(c => c.Family == "sinkhorn");

    [TestCaseSource(nameof(Cases))]
    public void Solve_ReferenceCaseInDouble_HasItsValues(ReferenceCase reference)
    {
        double[] cost = CostOf(reference, v => v), a = reference.Arrays["a"].Values, b = reference.Arrays["b"].Values;
        foreach (TransportProblem<double> stated in Stated<double>(reference))
        {
            using TransportResult<double> result = Engines.Default.Solve(stated, new Sinkhorn { Epsilon = reference.Epsilon, Tolerance = Marginals });
            EntropicEvidence.Converged(result, cost, a, b, Marginals, reference.Name, NaiveTransportLp.Solve(cost, a, b).Value);
            IsExpected("transport_cost", [result.TransportCost]);
            IsExpected("regularized_cost", [result.RegularizedCost]);
            IsExpected("regularized_cost", [result.DualCost]);
            IsExpected("plan", EntropicEvidence.Materialized(result));
        }

        void IsExpected(string what, double[] actual)
        {
            if (!reference.Expected.TryGetValue(what, out double[]? expected))
                return;
            Assert.That(actual, Has.Length.EqualTo(expected.Length));
            for (int k = 0; k < actual.Length; k++)
                Assert.That(actual[k], Is.EqualTo(expected[k]).Within(reference.AbsoluteTolerance + (reference.RelativeTolerance * Math.Abs(expected[k]))), $"{what} {k}");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Solve_ReferenceCaseInFloat_IsRightToItsInputs(ReferenceCase reference)
    {
        double[] a = ExactInputs.Seen<float>(reference.Arrays["a"].Values), b = ExactInputs.Seen<float>(reference.Arrays["b"].Values);
        foreach (TransportProblem<float> stated in Stated<float>(reference))
        {
            double[] cost = stated.Geometry is DenseGeometry<float> ? ExactInputs.Seen<float>(CostOf(reference, v => v)) : CostOf(reference, ExactInputs.Seen<float>);
            using TransportResult<float> result = Engines.Default.Solve(stated, new Sinkhorn { Epsilon = reference.Epsilon });
            EntropicEvidence.Converged(result, cost, a, b, EntropicEvidence.DefaultTolerance<float>(), reference.Name);
            if (reference.Expected.TryGetValue("regularized_cost", out double[]? expected))
                Assert.That(result.DualCost, Is.EqualTo(expected[0]).Within(Float * TransportEvidence.LargestMagnitude(cost)));
        }
    }

    [Test]
    public void Solve_TwoByTwo_HasTheStatedValues()
    {
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(Swap, Half, Half), new Sinkhorn { Epsilon = 1, Tolerance = Marginals });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(EntropicEvidence.Materialized(result)[0], Is.EqualTo(.36552929).Within(EightDigits));
            Assert.That(result.TransportCost, Is.EqualTo(.268941421).Within(EightDigits));
            Assert.That(result.RegularizedCost, Is.EqualTo(.379885493).Within(EightDigits));
            Assert.That(result.DualCost, Is.EqualTo(.379885493).Within(EightDigits));
            Assert.That((result.LowerBound, result.UpperBound), Is.EqualTo((0.0, .268941421)).Within(EightDigits));
        }
    }

    [TestCase(new double[] { 0, 1, 4, 2, 1, 0 }, new double[] { 2, 2 }, new double[] { 1, 1, 2 }, 1)]
    [TestCase(new double[] { 0, 2, 3, 1, 0, 1 }, new double[] { 1, 3 }, new double[] { 2, 1, 1 }, 2)]
    public void Solve_SmallProblemOfMassFour_ComesToItsExactCost(double[] cost, double[] a, double[] b, double exact)
    {
        // Ties apart, an entropic plan is off by exp(-gap / eps).
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(cost, a, b), new Sinkhorn { Epsilon = 0.02, Tolerance = Marginals });
        EntropicEvidence.Converged(result, cost, a, b, Marginals, "mass four", exact);
        Assert.That(result.TransportCost, Is.EqualTo(exact).Within(1e-9));
    }

    [TestCase(0, 1, 1, 1.2451438, .6180340)]
    [TestCase(1, 2, .5, 2.7776703, 1.8789024)]
    public void Solve_GaussiansOnAFineGrid_CostWhatGaussiansCost(double mean, double deviation, double sigma, double value, double covariance)
    {
        // The trapezoidal rule on a Gaussian is exact to rounding at this step; tails beyond eight deviations hold 1e-15 of the mass.
        const double SevenDigits = 1e-7;
        double[] x = [.. Enumerable.Range(-80, 161).Select(k => k / 10.0)], y = [.. x.Select(t => mean + (deviation * t))], weights = [.. x.Select(t => Math.Exp(-t * t / 2))];
        double total = NeumaierSum.Of(weights);
        weights = [.. weights.Select(w => w / total)];
        using TransportResult<double> result = Engines.Default.Solve(
            ExactInputs.Points<double>(x, y, 1, Cost.SquaredEuclidean, weights, weights), new Sinkhorn { Epsilon = 2 * sigma * sigma, Tolerance = Marginals });
        double[] images = new double[x.Length];
        result.Plan.Apply(y, images);

        EntropicEvidence.Converged(result, NaiveCost.SquaredEuclidean.Between(x, y, 1), weights, weights, Marginals, "Gaussians");
        Assert.That(result.RegularizedCost, Is.EqualTo(value).Within(SevenDigits));
        Assert.That(NeumaierSum.Of(images.Zip(x, (image, t) => image * t)), Is.EqualTo(covariance).Within(SevenDigits));
    }

    [Test]
    public void Solve_TwelvePointsAtSmallEpsilon_CostTheirAssignment()
    {
        const int Count = 12, Dimension = 5;
        const double Stated = 1e-3;
        for (int seed = 0; seed < 20; seed++)
        {
            double[] x = Drawn.Uniform(seed, Count * Dimension), y = Drawn.Uniform(seed + 100, Count * Dimension), cost = NaiveCost.SquaredEuclidean.Between(x, y, Dimension);
            double assigned = Engines.Default.Assign(Tensor.Create(cost, [Count, Count])).TotalCost / Count;
            double[] uniform = [.. Enumerable.Repeat(1.0 / Count, Count)];
            using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Points<double>(x, y, Dimension, Cost.SquaredEuclidean, uniform, uniform), new Sinkhorn { Epsilon = 5e-4 });

            EntropicEvidence.Converged(result, cost, uniform, uniform, EntropicEvidence.DefaultTolerance<double>(), $"seed {seed}", assigned);
            Assert.That(result.TransportCost, Is.EqualTo(assigned).Within(Stated), $"seed {seed}");
        }
    }

    [Test]
    public void Solve_MeasureAndItsTranslate_AreTheShiftApart([Values(.25, 3, 100)] double shift)
    {
        double[] x = Drawn.Cloud(1, 17, 2), a = Drawn.ExactWeights(2, 17);
        double[] y = [.. x.Select((t, k) => k % 2 == 0 ? t + shift : t)], cost = NaiveCost.Euclidean.Between(x, y, 2);
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Points<double>(x, y, 2, Cost.Euclidean, a, a), new Sinkhorn { EpsilonRelative = 0.01 });

        EntropicEvidence.Converged(result, cost, a, a, EntropicEvidence.DefaultTolerance<double>(), "translate", shift);
    }

    [Test]
    public void Solve_TwoDiracs_AreTheirDistanceApart([Values(0, 1e-6, 1, 100)] double distance, [Values(1, 2, 3)] int power)
    {
        double expected = Math.Pow(distance, power);
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Points<double>([0], [distance], 1, Cost.PNorm(2, power), [.5], [.5]), new Sinkhorn { Epsilon = .1 });

        EntropicEvidence.Converged(result, [expected], [.5], [.5], EntropicEvidence.DefaultTolerance<double>(), "Diracs");
        Assert.That(result.TransportCost / .5, Is.EqualTo(expected).Within(EightDigits * expected));
        Assert.That(result.Distance, Is.EqualTo(distance).Within(EightDigits * distance));
    }

    [Test]
    public void Solve_GaussianAndItsTranslateByAHundred_AreAHundredApart()
    {
        double[] x = [.. Enumerable.Range(-60, 121).Select(k => k / 10.0)], y = [.. x.Select(t => t + 100)], weights = [.. x.Select(t => Math.Exp(-t * t / 2))];
        double total = NeumaierSum.Of(weights);
        weights = [.. weights.Select(w => w / total)];
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Points<double>(x, y, 1, Cost.SquaredEuclidean, weights, weights), new Sinkhorn { Epsilon = .01, Tolerance = 1e-9 });

        EntropicEvidence.Converged(result, NaiveCost.SquaredEuclidean.Between(x, y, 1), weights, weights, 1e-9, "translate", 10_000);

        // Squared distances spread the mass over about sqrt(eps / 2), on top of the shift squared.
        Assert.That(result.Distance, Is.EqualTo(100).Within(1e-4));
    }

    private static IEnumerable<TransportProblem<T>> Stated<T>(ReferenceCase reference)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] a = reference.Arrays["a"].Values, b = reference.Arrays["b"].Values;
        yield return ExactInputs.Dense<T>(CostOf(reference, v => v), a, b);
        if (reference.Cost == "matrix")
            yield break;
        (double[] x, int dimension) = reference.Arrays["x"];
        yield return ExactInputs.Points<T>(x, reference.Arrays["y"].Values, dimension, ExactInputs.CostOf(NaiveCost.Named(reference.Cost, 0, 0)), a, b);
    }

    private static double[] CostOf(ReferenceCase reference, Func<double[], double[]> seen) => reference.Cost == "matrix"
        ? seen(reference.Arrays["C"].Values)
        : NaiveCost.Named(reference.Cost, 0, 0).Between(seen(reference.Arrays["x"].Values), seen(reference.Arrays["y"].Values), reference.Arrays["x"].Columns);
}

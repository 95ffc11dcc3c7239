using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Inputs of Gromov-Wasserstein tests, and what an answer must show against them.</summary>
internal static class Gromov
{
    /// <summary>Distances within a drawn cloud, or, asymmetric, drawn numbers; as the element type holds them, zero on the diagonal.</summary>
    public static double[] Inner<T>(int seed, int size, bool symmetric = true)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] points = Drawn.Cloud(seed, size, 2), drawn = Drawn.Uniform(seed, size * size), costs = NaiveCost.Euclidean.Between(points, points, 2);
        for (int k = 0; k < costs.Length; k++)
            costs[k] = k / size == k % size ? 0 : symmetric ? costs[k] / 4 : drawn[k];
        return ExactInputs.Seen<T>(costs);
    }

    public static GromovProblem<T> Dense<T>(double[] c1, double[] c2, double[] a, double[] b)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        GromovProblem.On(new DenseGeometry<T>(ExactInputs.To<T>(c1), a.Length, a.Length), new DenseGeometry<T>(ExactInputs.To<T>(c2), b.Length, b.Length))
            .WithWeights(ExactInputs.To<T>(a), ExactInputs.To<T>(b));

    public static double[] PlanOf<T>(GromovResult<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Tensor<T> plan = result.Plan.Materialize();
        T[] masses = new T[plan.FlattenedLength];
        plan.FlattenTo(masses);
        return ExactInputs.Wide(masses);
    }

    /// <summary>
    /// Asserts that an answer is what it says, by the definitions, in double: its marginals and its costs; and if it has converged, that the
    /// plan is the entropic answer to its own gradient.
    /// </summary>
    public static void Holds<T>(
        GromovResult<T> result, double[] c1, double[] c2, double[] a, double[] b, string name, bool isKl = false, double[]? features = null, double alpha = 1)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double unit = typeof(T) == typeof(float) ? 1e-6 : 1e-12, mass = NeumaierSum.Of(a), total = NeumaierSum.Of(b);
        b = [.. b.Select(w => w * mass / total)];
        double[] plan = PlanOf(result);
        NaiveGromov naive = new(c1, c2, a.Length, b.Length, isKl);
        double[] gradient = naive.Gradient(plan);
        double scale = Math.Max(1, gradient.Max(Math.Abs)) * mass, tolerance = EntropicEvidence.DefaultTolerance<T>();
        (double errorA, double errorB) = NaiveEntropic.MarginalErrors(plan, a, b);
        double value = naive.Value(plan), feature = features is null ? 0 : TransportEvidence.TransportCost(features, plan);
        double objective = features is null ? value : ((1 - alpha) * feature) + (alpha * value);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.MarginalErrorA, Is.EqualTo(errorA).Within(unit * mass), name);
            Assert.That(result.MarginalErrorB, Is.EqualTo(errorB).Within(unit * mass), name);
            Assert.That(result.Mass, Is.EqualTo(NeumaierSum.Of(plan)).Within(unit * mass), name);

            // To second order in the marginal errors.
            double second = Math.Pow((errorA + errorB) / mass, 2);
            Assert.That(result.GromovCost, Is.EqualTo(value).Within(scale * ((isKl ? 70 : 1) * unit + second)), name);
            Assert.That(result.Value, Is.EqualTo(objective).Within(scale * ((isKl ? 70 : 1) * unit + second)), name);
            Assert.That(result.RegularizedCost, Is.EqualTo(objective + (result.Epsilon * NaiveEntropic.KullbackLeibler(plan, a, b))).Within(scale * ((100 * unit) + second)), name);
            if (features is not null)
                Assert.That(result.FeatureCost, Is.EqualTo(feature).Within(scale * unit), name);
        }

        if (result.Status != SolveStatus.Converged)
            return;
        Assert.That(Math.Max(result.Moved, Math.Max(errorA, errorB)), Is.LessThanOrEqualTo(tolerance * mass * (1 + unit)), name);

        // Of float, a gradient off by its rounding moves each entry by that over eps.
        double[] whole = [.. gradient.Select((d, k) => (alpha * d) + (features is null ? 0 : (1 - alpha) * features[k]))];
        (double[] f, double[] g, _) = NaiveSinkhorn.Solve(whole, a, b, result.Epsilon, tolerance / 10);
        double[] next = NaiveEntropic.Plan(whole, a, b, f, g, result.Epsilon);
        double moved = NeumaierSum.Of(next.Zip(plan, (p, q) => Math.Abs(p - q)));
        Assert.That(moved, Is.LessThanOrEqualTo(mass * ((4 * tolerance) + (unit * scale / result.Epsilon))), $"{name}: a step from the answer");
    }
}

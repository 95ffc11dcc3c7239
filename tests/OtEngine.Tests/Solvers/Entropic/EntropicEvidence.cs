using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>
/// What an entropic answer must show against its own inputs. Potentials and eps are read from the answer; all else is computed from them
/// anew by the definitions, from the costs as the engine was given them.
/// </summary>
internal static class EntropicEvidence
{
    // Roundings of an exponent (f_i + g_j - C_ij) / eps: of each of its three numbers, of the cost between points, of the division, and
    // of the same in the naive reference.
    private const double RoundingsOfAnExponent = 32;

    // Exponents no larger than this leave digits to compare.
    private const double MostRounding = 0.1;

    // Terms of size one beside the exponents: exp, ln, products with weights, sums. Reduced in pairs or compensated.
    private const double OtherRoundings = 64;

    private const double UnitInDouble = 1.0 / (1L << 53);

    // The design's defaults.
    private const double ToleranceInDouble = 1e-6;

    private const double ToleranceInFloat = 1e-4;

    /// <summary>L1 marginal errors over the mass at which a solver without a tolerance of its own has converged.</summary>
    public static double DefaultTolerance<T>() => typeof(T) == typeof(float) ? ToleranceInFloat : ToleranceInDouble;

    /// <summary>Asserts that nothing contradicts an answer; see <see cref="Flaws"/>.</summary>
    public static void Holds<T>(TransportResult<T> result, double[] cost, double[] a, double[] b, double tolerance, string name, double? exact = null)
        where T : unmanaged, IFloatingPointIeee754<T> => Assert.That(Flaws(result, cost, a, b, tolerance, exact), Is.Empty, name);

    /// <summary>Asserts besides that the answer has converged.</summary>
    public static void Converged<T>(TransportResult<T> result, double[] cost, double[] a, double[] b, double tolerance, string name, double? exact = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Holds(result, cost, a, b, tolerance, name, exact);
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged), $"{name}: errors {result.MarginalErrorA}, {result.MarginalErrorB} after {result.Iterations} sweeps; {result.Advice}");
    }

    /// <summary>What contradicts an answer, converged or not; nothing if it is what it says.</summary>
    /// <param name="result">The answer.</param>
    /// <param name="cost">n x m costs in double, as the engine sees them.</param>
    /// <param name="a">The n weights as the engine was given them.</param>
    /// <param name="b">The m weights.</param>
    /// <param name="tolerance">What Converged promises, over the mass.</param>
    /// <param name="exact">min &lt;C,P&gt; without entropy, if known.</param>
    public static IReadOnlyList<string> Flaws<T>(TransportResult<T> result, double[] cost, double[] a, double[] b, double tolerance, double? exact = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        List<string> flaws = [];
        double mass = NeumaierSum.Of(a), largest = LargestCost(cost, a, b);
        bool advised = !string.IsNullOrWhiteSpace(result.Advice);
        Require(flaws, result.Status == SolveStatus.MaxIterations || advised == result.Status is SolveStatus.Stalled or SolveStatus.NumericalFailure, $"status {result.Status} with the advice '{result.Advice}'");
        if (exact is { } optimum)
        {
            // The optimum itself and both bounds are sums of costs and masses.
            double slack = 2 * OtherRoundings * UnitInDouble * mass * largest;
            Require(flaws, !(result.LowerBound > optimum + slack), $"lower bound {result.LowerBound} above the exact cost {optimum}");
            Require(flaws, !(result.UpperBound < optimum - slack), $"upper bound {result.UpperBound} below the exact cost {optimum}");
        }

        if (result.Status != SolveStatus.NumericalFailure)
            Recompute(flaws, result, cost, a, ExactEvidence.Rescaled(b, mass), tolerance);
        return flaws;
    }

    /// <summary>What rounding may do to an entry of the plan of potentials, relative to the entry.</summary>
    public static double PlanRounding(double[] cost, double[] a, double[] b, double[] f, double[] g, double epsilon)
    {
        double exponent = (LargestCost(cost, a, b) + LargestOnSupport(f, a) + LargestOnSupport(g, b)) / epsilon;
        double logWeights = TransportEvidence.LargestMagnitude(a.Concat(b).Where(w => w > 0).Select(w => Math.Log(w)));
        return UnitInDouble * ((RoundingsOfAnExponent * (exponent + logWeights)) + OtherRoundings);
    }

    /// <summary>The whole plan in double, row-major.</summary>
    public static double[] Materialized<T>(TransportResult<T> result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] entries = new T[checked(result.Plan.Rows * result.Plan.Columns)];
        result.Plan.Materialize().FlattenTo(entries);
        return ExactInputs.Wide(entries);
    }

    private static void Recompute<T>(List<string> flaws, TransportResult<T> result, double[] cost, double[] a, double[] b, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double mass = NeumaierSum.Of(a), epsilon = result.Epsilon, largest = LargestCost(cost, a, b);
        double[] f = result.Potentials.F.ToArray(), g = result.Potentials.G.ToArray();
        double[] numbers = [.. f, .. g, result.TransportCost, result.RegularizedCost, result.DualCost, result.LowerBound, result.UpperBound, result.Mass, result.MarginalErrorA, result.MarginalErrorB];
        Require(flaws, numbers.All(double.IsFinite), "a number is not finite");
        Require(flaws, epsilon > 0 && double.IsFinite(epsilon), $"epsilon {epsilon}");
        if (flaws.Count > 0)
            return;

        // Where the exponents have no digits left, nothing can be told from the potentials but the bracket; and nothing converges.
        double rounding = PlanRounding(cost, a, b, f, g, epsilon);
        if (!(rounding < MostRounding))
        {
            Require(flaws, result.LowerBound <= result.UpperBound, $"the bracket [{result.LowerBound}, {result.UpperBound}] is empty");
            return;
        }

        double[] plan = NaiveEntropic.Plan(cost, a, b, f, g, epsilon);
        (double errorA, double errorB) = NaiveEntropic.MarginalErrors(plan, a, b);
        double total = NeumaierSum.Of(plan);
        double potentials = NeumaierSum.Of(f.Zip(a, (p, w) => w == 0 ? 0 : Math.Abs(p * w)).Concat(g.Zip(b, (p, w) => w == 0 ? 0 : Math.Abs(p * w))));
        double moved = largest * total, entropy = epsilon * (total + (mass * mass)), carried = Carried(plan, f, g, b.Length);
        Near("transport cost", result.TransportCost, TransportEvidence.TransportCost(cost, plan), rounding * moved);
        Near("regularised cost", result.RegularizedCost, NaiveEntropic.RegularizedCost(cost, plan, a, b, epsilon), rounding * (moved + entropy + carried));
        Near("dual cost", result.DualCost, NaiveEntropic.DualCost(cost, a, b, f, g, epsilon), rounding * (potentials + entropy));
        Near("mass", result.Mass, total, rounding * total);
        Near("marginal error of a", result.MarginalErrorA, errorA, rounding * (mass + total));
        Near("marginal error of b", result.MarginalErrorB, errorB, rounding * (mass + total));
        if (result.Status == SolveStatus.Converged)
        {
            Require(flaws, result.MarginalErrorA <= tolerance * mass && result.MarginalErrorB <= tolerance * mass, $"converged with reported errors {result.MarginalErrorA} and {result.MarginalErrorB} of {mass}");
            Require(flaws, Math.Max(errorA, errorB) <= (tolerance + rounding) * mass, $"converged with errors {errorA} and {errorB} of {mass}");
        }

        Bracket(flaws, result, cost, a, b, 2 * (errorA + errorB) * largest, rounding * (moved + potentials));
        Extension("f", f, a, NaiveSoftMin.OfColumns(cost, g, b, epsilon));
        Extension("g", g, b, NaiveSoftMin.OfRows(cost, f, a, epsilon));

        double written = typeof(T) == typeof(float) ? 1.0 / (1 << 23) : 0;
        double[] materialised = Materialized(result);
        double worst = materialised.Zip(plan, (p, q) => Math.Abs(p - q) - ((rounding + written) * q)).Append(0).Max();
        Require(flaws, worst <= Math.Max(LeastOf<T>(), LeastShare * Math.Max(1, mass)), $"the materialised plan is off by {worst}");

        void Near(string what, double actual, double expected, double allowed) =>
            Require(flaws, Math.Abs(actual - expected) <= allowed, $"{what} {actual}, but the potentials give {expected} (allowed {allowed})");

        // (f + g - C) / eps may be out by its rounding, and the soft minimum by eps times that.
        void Extension(string what, double[] actual, double[] weights, double[] expected)
        {
            for (int i = 0; i < actual.Length; i++)
            {
                double allowed = UnitInDouble * ((RoundingsOfAnExponent * (TransportEvidence.LargestMagnitude(cost) + TransportEvidence.LargestMagnitude(f) + TransportEvidence.LargestMagnitude(g))) + (OtherRoundings * epsilon));
                if (weights[i] == 0 && !(Math.Abs(actual[i] - expected[i]) <= allowed))
                    flaws.Add($"{what}[{i}] without mass is {actual[i]}, not the soft c-transform {expected[i]}");
            }
        }
    }

    private static void Bracket<T>(List<string> flaws, TransportResult<T> result, double[] cost, double[] a, double[] b, double rounded, double slack)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (double ofF, double ofG) = NaiveEntropic.LowerBounds(cost, a, b, result.Potentials.F.ToArray(), result.Potentials.G.ToArray());
        Require(flaws, result.LowerBound <= result.UpperBound, $"the bracket [{result.LowerBound}, {result.UpperBound}] is empty");
        Require(flaws, result.LowerBound >= Math.Min(ofF, ofG) - slack, $"lower bound {result.LowerBound}, but the potentials prove {ofF} and {ofG}");

        // Rounding moves no more than twice the marginal errors (Altschuler, Weed and Rigollet 2017, lemma 7).
        Require(flaws, result.UpperBound <= result.TransportCost + rounded + slack, $"upper bound {result.UpperBound}, where rounding costs at most {rounded} over {result.TransportCost}");
    }

    // sum P (|f| + |g|), what roundings of the exponents in KL refer to.
    private static double Carried(double[] plan, double[] f, double[] g, int columns) =>
        NeumaierSum.Of(plan.Select((p, k) => p == 0 ? 0 : p * (Math.Abs(f[k / columns]) + Math.Abs(g[k % columns]))));

    private static double LargestCost(double[] cost, double[] a, double[] b) =>
        TransportEvidence.LargestMagnitude(cost.Where((_, k) => a[k / b.Length] > 0 && b[k % b.Length] > 0));

    private static double LargestOnSupport(double[] potential, double[] weights) => TransportEvidence.LargestMagnitude(potential.Where((_, i) => weights[i] > 0));

    // Entries below the normal range may lose all digits, those of the plan of total one and those that are written.
    private const double LeastShare = 2.3e-308;

    private static double LeastOf<T>() => typeof(T) == typeof(float) ? 1.2e-38 : 2.3e-308;

    private static void Require(List<string> flaws, bool holds, string otherwise)
    {
        if (!holds)
            flaws.Add(otherwise);
    }
}

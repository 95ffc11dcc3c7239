using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>W_p^p on the line and on the circle against values from whole-number arithmetic.</summary>
public sealed class LineOracleTests
{
    // Masses are exact to 106 bits; what is left is the rounding of differences, of their powers, and of one product each.
    private const double Rounding = 1e-14;

    // In float the inputs are rounded to 24 bits before anything is computed: positions and masses each move by 2^-24.
    private const double FloatInputs = 1e-5;

    [Test]
    public void Solve_EveryLineOracle_HasTheExactValue() => HasValues(OracleFile.Line, problem => problem);

    [Test]
    public void Solve_EveryCircleOracle_HasTheExactValue() => HasValues(OracleFile.Circle, problem => problem.OnCircle());

    [Test]
    public void Solve_CircleOracleOnACircleOfLengthFive_ScalesWithThePower()
    {
        foreach (OneDimensionalCase problem in OracleFile.Circle)
        {
            foreach ((double p, double expected) in problem.Values)
            {
                // 4 is a power of two: scaling rounds nothing.
                LineProblem<double> scaled = LineProblem
                    .Between<double>(problem.X.Select(x => 4 * x).ToArray(), problem.Y.Select(y => (4 * y) - 12).ToArray(), p)
                    .WithWeights(problem.A, problem.B)
                    .OnCircle(4);
                double actual = Engines.Default.Solve(scaled).TransportCost;
                Assert.That(RelativeError.Of(actual, Math.Pow(4, p) * expected), Is.LessThanOrEqualTo(Rounding), $"{problem.Name} p {p}");
            }
        }
    }

    [Test]
    public void Solve_LineOraclesInFloat_AreRightToTheirInputs()
    {
        foreach (OneDimensionalCase problem in OracleFile.Line)
        {
            foreach ((double p, double expected) in problem.Values)
            {
                LineProblem<float> narrow = LineProblem
                    .Between<float>(Narrow(problem.X), Narrow(problem.Y), p)
                    .WithWeights(Narrow(problem.A), Narrow(problem.B));
                double magnitude = problem.A.Sum() * Math.Pow(problem.X.Concat(problem.Y).Max(Math.Abs) * 2, p);
                Assert.That(RelativeError.Of(Engines.Default.Solve(narrow).TransportCost, expected, magnitude), Is.LessThanOrEqualTo(FloatInputs), problem.Name);
            }
        }
    }

    [Test]
    public void Solve_ReferenceCases_HaveTheirCosts()
    {
        List<ReferenceCase> problems = [.. OracleFile.Reference.Where(c => c.Family is "line" or "circle")];
        Assert.That(problems, Has.Count.EqualTo(5));
        foreach (ReferenceCase problem in problems)
        {
            LineProblem<double> stated = LineProblem.Between<double>(problem.Arrays["x"].Values, problem.Arrays["y"].Values, problem.P);
            if (problem.Arrays.TryGetValue("a", out var a))
                stated = stated.WithWeights(a.Values, problem.Arrays["b"].Values);
            if (problem.Family == "circle")
                stated = stated.OnCircle();
            double expected = problem.Expected["transport_cost"][0];
            Assert.That(
                Engines.Default.Solve(stated).TransportCost,
                Is.EqualTo(expected).Within(problem.AbsoluteTolerance + (problem.RelativeTolerance * expected)),
                problem.Name);
        }
    }

    private static float[] Narrow(double[] values) => Array.ConvertAll(values, v => (float)v);

    private static void HasValues(IReadOnlyList<OneDimensionalCase> problems, Func<LineProblem<double>, LineProblem<double>> place)
    {
        foreach (OneDimensionalCase problem in problems)
        {
            foreach ((double p, double expected) in problem.Values)
            {
                LineProblem<double> stated = place(LineProblem.Between<double>(problem.X, problem.Y, p).WithWeights(problem.A, problem.B));
                LineResult<double> result = Engines.Default.Solve(stated);
                Assert.That(RelativeError.Of(result.TransportCost, expected), Is.LessThanOrEqualTo(Rounding), $"{problem.Name} p {p}");
            }
        }
    }
}

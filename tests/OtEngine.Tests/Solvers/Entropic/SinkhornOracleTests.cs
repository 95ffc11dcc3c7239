using System.Numerics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>The 70 problems of tests/data/entropic.json, eps from 1e-3 to 10 times the median cost, on every geometry and by every path.</summary>
[Category("Simd")]
public sealed class SinkhornOracleTests
{
    /// <summary>The bound that the design sets on a cost in double, relative to sum |C| P.</summary>
    private const double CostInDouble = 1e-8;

    /// <summary>Marginals that leave room for that bound: an error of theirs may move the cost by many times itself where convergence is slow.</summary>
    private const double MarginalsInDouble = 1e-11;

    /// <summary>
    /// Plain sweeps contract by as little as 0.999, so that a thousand times the marginals' error may be left; the bound on the cost
    /// stays what it is.
    /// </summary>
    private const double MarginalsOfPlainSweeps = 1e-11;

    // The best marginals float inputs can be asked for by default: 1e-4 of the mass, at the largest cost. The objective is flat at its optimum.
    private const double ObjectiveInFloat = 1e-4;

    private static IEnumerable<EntropicCase> Problems => OracleFile.Entropic.Where(problem => !Engines.IsSlow || problem.Ratio >= 0.01);

    // Plain sweeps alone take too long below.
    private static IEnumerable<EntropicCase> ProblemsOfPlainSweeps => OracleFile.Entropic.Where(problem => problem.Ratio >= (Engines.IsSlow ? 1 : 0.1));

    [TestCaseSource(nameof(Problems))]
    public void Solve_OracleProblemInDouble_HasItsValuesOnEveryGeometry(EntropicCase problem)
    {
        Sinkhorn solver = new() { Epsilon = problem.Epsilon, Tolerance = MarginalsInDouble };
        double[] cost = problem.CostMatrix();
        foreach ((string form, TransportProblem<double> stated) in Stated<double>(problem, cost))
        {
            using TransportResult<double> result = Engines.Default.Solve(stated, solver);
            EntropicEvidence.Converged(result, cost, problem.A, problem.B, MarginalsInDouble, $"{problem.Name} {form}", problem.ExactCost);
            HasItsValues(result, problem, cost, $"{problem.Name} {form}");
        }
    }

    [TestCaseSource(nameof(Problems))]
    public void Solve_OracleProblemInFloat_IsNearItsValues(EntropicCase problem)
    {
        Sinkhorn solver = new() { Epsilon = problem.Epsilon };
        double[] a = ExactInputs.Seen<float>(problem.A), b = ExactInputs.Seen<float>(problem.B);
        foreach ((string form, TransportProblem<float> stated) in Stated<float>(problem, problem.CostMatrix()))
        {
            using TransportResult<float> result = Engines.Default.Solve(stated, solver);
            double[] cost = form == "points"
                ? problem.Cost!.Between(ExactInputs.Seen<float>(problem.X), ExactInputs.Seen<float>(problem.Y), problem.Dimension)
                : ExactInputs.Seen<float>(problem.CostMatrix());
            string name = $"{problem.Name} {form}";
            EntropicEvidence.Converged(result, cost, a, b, EntropicEvidence.DefaultTolerance<float>(), name);

            double mass = problem.A.Sum(), scale = mass * (TransportEvidence.LargestMagnitude(cost) + (problem.Epsilon * Math.Max(1, mass)));
            Assert.That(RelativeError.Of(result.DualCost, problem.RegularizedCost, scale), Is.LessThanOrEqualTo(ObjectiveInFloat), name);
        }
    }

    [TestCaseSource(nameof(ProblemsOfPlainSweeps))]
    public void Solve_OracleProblemByEveryPath_HasItsValues(EntropicCase problem)
    {
        double[] cost = problem.CostMatrix();
        TransportProblem<double> stated = ExactInputs.Dense<double>(cost, problem.A, problem.B);
        foreach (bool schedule in new[] { false, true })
        {
            foreach (bool relaxed in new[] { false, true })
            {
                foreach (bool newton in new[] { false, true })
                {
                    Sinkhorn solver = new()
                    {
                        Epsilon = problem.Epsilon,
                        Tolerance = MarginalsOfPlainSweeps,
                        EpsilonSchedule = schedule,
                        OverRelaxation = relaxed,
                        NewtonFinish = newton,
                    };
                    using TransportResult<double> result = Engines.Default.Solve(stated, solver);
                    string name = $"{problem.Name} {(schedule ? "schedule " : "")}{(relaxed ? "relaxed " : "")}{(newton ? "Newton" : "")}";
                    EntropicEvidence.Converged(result, cost, problem.A, problem.B, MarginalsOfPlainSweeps, name, problem.ExactCost);
                    HasItsValues(result, problem, cost, name);
                }
            }
        }
    }

    [TestCaseSource(nameof(Problems))]
    public void Solve_SidesExchanged_HasTheSameValues(EntropicCase problem)
    {
        double[] cost = problem.CostMatrix(), transposed = NaiveSoftMin.Transposed(cost, problem.A.Length);
        Sinkhorn solver = new() { Epsilon = problem.Epsilon, Tolerance = MarginalsInDouble };
        using TransportResult<double> result = Engines.Default.Solve(ExactInputs.Dense<double>(transposed, problem.B, problem.A), solver);

        EntropicEvidence.Converged(result, transposed, problem.B, problem.A, MarginalsInDouble, problem.Name, problem.ExactCost);
        Assert.That(RelativeError.Of(result.TransportCost, problem.TransportCost, Moved(problem, cost)), Is.LessThanOrEqualTo(CostInDouble), problem.Name);
    }

    [TestCaseSource(nameof(Problems))]
    public void Solve_StartedFromTheOraclesPotentials_EndsAtOnce(EntropicCase problem)
    {
        // What rounding of the potentials and of sums leaves of the marginals.
        const double Floor = 1e-9;
        double[] cost = problem.CostMatrix();
        Sinkhorn solver = new() { Epsilon = problem.Epsilon, Tolerance = Floor, WarmStart = new DualPotentials(problem.F, problem.G) };
        foreach ((string form, TransportProblem<double> stated) in Stated<double>(problem, cost))
        {
            using TransportResult<double> result = Engines.Default.Solve(stated, solver);
            EntropicEvidence.Converged(result, cost, problem.A, problem.B, Floor, $"{problem.Name} {form}", problem.ExactCost);
            HasItsValues(result, problem, cost, $"{problem.Name} {form}");
            Assert.That(result.Iterations, Is.LessThanOrEqualTo(1), $"{problem.Name} {form}");
        }
    }

    private static void HasItsValues(TransportResult<double> result, EntropicCase problem, double[] cost, string name)
    {
        double[] optimal = NaiveEntropic.Plan(cost, problem.A, problem.B, problem.F, problem.G, problem.Epsilon);
        double mass = problem.A.Sum(), moved = Moved(problem, cost), objective = moved + (problem.Epsilon * (mass + (mass * mass)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Epsilon, Is.EqualTo(problem.Epsilon), name);
            Assert.That(RelativeError.Of(result.TransportCost, problem.TransportCost, moved), Is.LessThanOrEqualTo(CostInDouble), name);
            Assert.That(RelativeError.Of(result.RegularizedCost, problem.RegularizedCost, objective), Is.LessThanOrEqualTo(CostInDouble), name);
            Assert.That(RelativeError.Of(result.DualCost, problem.RegularizedCost, objective), Is.LessThanOrEqualTo(CostInDouble), name);
            Assert.That(EntropicEvidence.Materialized(result).Zip(optimal, (p, q) => Math.Abs(p - q)).Sum(), Is.LessThanOrEqualTo(CostInDouble * mass), name);
        }
    }

    private static double Moved(EntropicCase problem, double[] cost)
    {
        double[] optimal = NaiveEntropic.Plan(cost, problem.A, problem.B, problem.F, problem.G, problem.Epsilon);
        return NeumaierSum.Of(cost.Zip(optimal, (c, p) => Math.Abs(c) * p));
    }

    private static IEnumerable<(string Form, TransportProblem<T> Problem)> Stated<T>(EntropicCase problem, double[] cost)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        yield return ("dense", ExactInputs.Dense<T>(cost, problem.A, problem.B));
        if (problem.Cost is { } ground)
            yield return ("points", ExactInputs.Points<T>(problem.X, problem.Y, problem.Dimension, ExactInputs.CostOf(ground), problem.A, problem.B));
    }
}

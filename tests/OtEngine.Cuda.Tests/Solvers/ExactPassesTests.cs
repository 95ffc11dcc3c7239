using NUnit.Framework;
using OtEngine.Tests;
using OtEngine.TestSupport;

namespace OtEngine.Cuda.Tests.Solvers;

/// <summary>Where an exact solve makes its passes over all pairs, and what memory it takes for them here.</summary>
internal sealed class ExactPassesTests : HostTests
{
    /// <summary>Both costs are sums over a basis, each term rounded once, of optima that are equal but for the slack of pricing.</summary>
    private const double SameCost = 1e-12;

    private static readonly string[] Entries = ["ot_reduced_costs_by_row_f64", "ot_reduced_costs_by_column_f64", "ot_reduced_costs_violation_f64"];

    [Test]
    public void Solve_Hybrid_MakesItsPassesOnTheDevice()
    {
        using Engine engine = Host.CreateEngine();
        long sweeps = Host.Launched("ot_sinkhorn_block_f64");
        long[] launched = LaunchedBy(() => Solve(engine, PointsOf(70, 60, 3), new Exact { Method = ExactMethod.Hybrid }));
        using (Assert.EnterMultipleScope())
        {
            // F before and after the sweeps, near arcs twice, and those that would improve the basis at least once.
            Assert.That(launched[0], Is.GreaterThanOrEqualTo(5), Entries[0]);

            // G from the sample and of all atoms at the end besides.
            Assert.That(launched[1], Is.GreaterThanOrEqualTo(5), Entries[1]);
            Assert.That(launched[2], Is.EqualTo(1), Entries[2]);
            Assert.That(Host.Launched("ot_sinkhorn_block_f64"), Is.GreaterThan(sweeps));
        }
    }

    [Test]
    public void Solve_OfFewAtoms_AsksNothingOfTheDevice()
    {
        using Engine engine = Host.CreateEngine();
        long calls = Host.Calls;
        Solve(engine, PointsOf(70, 60, 3), new Exact());
        Solve(engine, PointsOf(70, 60, 3), new Exact { Method = ExactMethod.NetworkSimplex });
        Assert.That(Host.Calls, Is.EqualTo(calls));
    }

    [Test]
    public void Solve_ManyPoints_AllocatesNothingForAllPairs()
    {
        const int Count = 1400, Fewest = 200;
        using Engine engine = Host.CreateEngine(threads: 1);
        TransportProblem<double> problem = PointsOf(Count, Count, 5);
        Solve(engine, PointsOf(Fewest, Fewest, 5), new Exact { Method = ExactMethod.Hybrid });
        long before = GC.GetAllocatedBytesForCurrentThread();
        long[] launched = LaunchedBy(() => Solve(engine, problem, new Exact()));
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(launched[2], Is.EqualTo(1), "by its size it goes to the device");
        Assert.That(bytes, Is.LessThan(sizeof(double) * (long)Count * Count / 2), "bytes, where all costs take twice as many");
    }

    [Test]
    public void SolveBatch_WithinAnyMemoryCap_AnswersEachAsWithoutOne()
    {
        // From what nothing fits to what all threads' costs, lists and sweeps do: 33 KiB of costs a problem.
        Exact solver = new() { Method = ExactMethod.Hybrid };
        TransportProblem<double>[] problems = [.. Enumerable.Range(0, 3).Select(k => DenseOf(70 + k, 60, k))];
        double[] expected = Array.ConvertAll(problems, problem => CostOf(Engines.Cpu, problem));
        bool fitted = false;
        foreach (long cap in (long[])[1 << 10, 8 << 10, 40 << 10, 50 << 10, 64 << 10, 96 << 10, 1 << 20])
        {
            long violations = Host.Launched(Entries[2]);
            using Engine engine = Host.CreateEngine(cuda => cuda.MemoryCap = cap, threads: 3);
            IReadOnlyList<TransportResult<double>> results = engine.SolveBatch(problems, solver);
            for (int k = 0; k < problems.Length; k++)
            {
                Assert.That(results[k].Status, Is.EqualTo(SolveStatus.Converged), $"problem {k}, {cap} bytes");
                Assert.That(RelativeError.Of(results[k].TransportCost, expected[k]), Is.LessThanOrEqualTo(SameCost), $"problem {k}, {cap} bytes");
                results[k].Dispose();
            }

            fitted = Host.Launched(Entries[2]) == violations + problems.Length;
            Assert.That(fitted && cap < 32 << 10, Is.False, $"{cap} bytes cannot hold the costs");
        }

        Assert.That(fitted, Is.True, "a mebibyte is enough");
    }

    private static double CostOf(Engine engine, TransportProblem<double> problem)
    {
        using TransportResult<double> result = engine.Solve(problem, new Exact { Method = ExactMethod.NetworkSimplex });
        return result.TransportCost;
    }

    private static TransportProblem<double> DenseOf(int rows, int columns, int seed) =>
        ExactInputs.Dense<double>(Drawn.Cloud(seed, rows * columns, 1), Drawn.Weights(seed + 10, rows), Drawn.Weights(seed + 20, columns));

    private static TransportProblem<double> PointsOf(int rows, int columns, int dimension) => ExactInputs.Points<double>(
        Drawn.Cloud(1, rows, dimension), Drawn.Cloud(2, columns, dimension, 0.4), dimension, Cost.SquaredEuclidean, Drawn.Weights(3, rows), Drawn.Weights(4, columns));

    private static void Solve(Engine engine, TransportProblem<double> problem, Exact solver)
    {
        using TransportResult<double> result = engine.Solve(problem, solver);
        Assert.That(result.Status, Is.EqualTo(SolveStatus.Converged));
    }

    private static long[] LaunchedBy(Action work)
    {
        long[] before = Array.ConvertAll(Entries, Host.Launched);
        work();
        return [.. Entries.Select((entry, k) => Host.Launched(entry) - before[k])];
    }
}

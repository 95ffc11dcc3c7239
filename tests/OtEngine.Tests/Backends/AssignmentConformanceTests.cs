using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verb Assignment against augmenting paths written down plainly: the same matching and the same bits of the potentials.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class AssignmentConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private Backend _backend = null!;

    // Around the width of vectors and warps, where a block takes over from a warp, and where the state leaves shared memory; nothing at all.
    private static readonly (int Rows, int Columns)[] Shapes =
    [
        (0, 0), (0, 5), (1, 1), (1, 40), (7, 8), (31, 32), (32, 32), (33, 33), (5, 127), (128, 128), (20, 129), (60, 255), (17, 256), (40, 257), (12, 1025), (3, 8000),
    ];

    internal enum Costs
    {
        Drawn,
        Tied,
        Equal,
        Forbidden,
        Huge,
    }

    [OneTimeSetUp]
    public void Begin() => _backend = Engines.CreateBackend();

    [OneTimeTearDown]
    public void End() => _backend?.Dispose();

    [Test]
    public void Assignment_OfAnyShape_IsThatOfPlainAugmentingPaths([Values] Costs costs)
    {
        foreach ((int rows, int columns) in Shapes)
        {
            T[] matrix = Draw(costs, rows, columns);

            Answer found = Assigned([(matrix, rows, columns)])[0];

            RequireNaive(found, matrix, rows, columns, $"{costs}, {rows} x {columns}");
        }
    }

    [Test]
    public void Assignment_WithoutAnyAllowed_IsInfeasible_AndItsNeighboursAreNot()
    {
        T[] impossible = [T.One, T.PositiveInfinity, T.CreateTruncating(2), T.PositiveInfinity];
        T[] possible = [T.One, T.PositiveInfinity, T.PositiveInfinity, T.CreateTruncating(2)];

        Answer[] found = Assigned([(possible, 2, 2), (impossible, 2, 2), (possible, 2, 2)]);

        Assert.That(found.Select(answer => answer.Outcome.Infeasible != 0), Is.EqualTo([false, true, false]));
        Assert.That(found[2].Matching, Is.EqualTo([0, 1]));
    }

    [Test]
    public void Batch_OfManyShapes_HasTheBitsOfEachAlone([Values(1, 7)] int threads)
    {
        (T[] Matrix, int Rows, int Columns)[] problems = [.. Shapes.Reverse().Concat(Shapes).Select((shape, k) =>
            (Draw((Costs)(k % 4), shape.Rows, shape.Columns), shape.Rows, shape.Columns))];

        Answer[] together = Assigned(problems, threads);

        for (int k = 0; k < problems.Length; k++)
        {
            Answer alone = Assigned([problems[k]])[0];
            string what = $"{problems[k].Rows} x {problems[k].Columns}";
            Assert.That(together[k].Outcome, Is.EqualTo(alone.Outcome), what);
            if (alone.Outcome.Infeasible != 0)
                continue;
            Assert.That(together[k].Matching, Is.EqualTo(alone.Matching), what);
            Assert.That(together[k].Potentials, Is.EqualTo(alone.Potentials), what);
        }
    }

    [Test]
    public void LargestViolation_IsWhatThePotentialsShow()
    {
        const int Side = 40;
        double most = 0;
        for (int seed = 0; seed < 8; seed++)
        {
            // Rows of very different sizes: potentials cannot be exact.
            T[] matrix = [.. Drawn.Uniform(seed, Side * Side).Select((u, k) => T.CreateTruncating(u * Math.Pow(10, (k / Side % 7 * 5) - 15)))];

            Answer found = Assigned([(matrix, Side, Side)])[0];

            double largest = 0;
            for (int k = 0; k < matrix.Length; k++)
            {
                double u = found.Potentials[k / Side], v = found.Potentials[Side + (k % Side)], cost = double.CreateTruncating(matrix[k]);
                if (u + v - cost > 0)
                    largest = Math.Max(largest, (u + v - cost) / (Math.Abs(u) + Math.Abs(v) + Math.Abs(cost)));
            }

            Assert.That(found.Outcome.LargestViolation, Is.EqualTo(largest));
            most = Math.Max(most, largest);
        }

        Assert.That(most, Is.Positive);
    }

    [Test]
    public void Problem_BeyondItsBuffers_IsRefused()
    {
        AssignmentProblem problem = new() { Rows = 2, Columns = 3, Costs = 0, Matching = 0, Potentials = 0 };
        foreach (AssignmentProblem wrong in (AssignmentProblem[])[problem with { Costs = 1 }, problem with { Matching = 1 }, problem with { Potentials = 1 }, problem with { Costs = -1 }, problem with { Rows = 4 }, problem with { Rows = -1 }])
        {
            using BackendBuffer<T> costs = _backend.Allocate<T>(6);
            using BackendBuffer<int> matchings = _backend.Allocate<int>(2);
            using BackendBuffer<double> potentials = _backend.Allocate<double>(5);
            Assert.That(
                () => _backend.Assignment<T>(new[] { wrong }, costs, matchings, potentials, new AssignmentOutcome[1], TestExecution.On(_backend)),
                Throws.InstanceOf<ArgumentOutOfRangeException>(),
                $"{wrong}");
        }
    }

    private static T[] Draw(Costs costs, int rows, int columns)
    {
        double[] drawn = Drawn.Uniform(rows + (31 * columns) + (int)costs, Math.Max(1, rows * columns))[..(rows * columns)];
        return [.. drawn.Select((u, k) => costs switch
        {
            Costs.Tied => T.CreateTruncating(Math.Floor(5 * u)),
            Costs.Equal => T.CreateTruncating(-2),

            // The pairs on the diagonal stay allowed.
            Costs.Forbidden => u < .6 && k % columns != k / columns ? T.PositiveInfinity : T.CreateTruncating(Math.Floor(9 * u) - 4),
            Costs.Huge => T.CreateTruncating((u - .5) * 1e37),
            _ => T.CreateTruncating((2 * u) - 1),
        })];
    }

    private static void RequireNaive(Answer found, T[] matrix, int rows, int columns, string what)
    {
        double[] costs = [.. matrix.Select(double.CreateTruncating)];
        NaiveAugmentingPaths naive = new(costs, rows, columns);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(naive.IsFeasible, what);
            Assert.That(found.Outcome.Infeasible, Is.Zero, what);
            Assert.That(found.Outcome.Inserted, Is.EqualTo(rows), what);
            Assert.That(found.Outcome.Scans, Is.EqualTo(naive.Scans), what);
            Assert.That(found.Outcome.LargestViolation, Is.InRange(0, 1e-12), what);
            Assert.That(found.Matching, Is.EqualTo(naive.ColumnOf), what);
            Assert.That(found.Potentials, Is.EqualTo([.. naive.U, .. naive.V]), what);
        }
    }

    private Answer[] Assigned((T[] Matrix, int Rows, int Columns)[] batch, int threads = 2)
    {
        AssignmentProblem[] problems = new AssignmentProblem[batch.Length];
        long elements = 0, rows = 0, potentials = 0;
        for (int k = 0; k < batch.Length; k++)
        {
            problems[k] = new AssignmentProblem { Rows = batch[k].Rows, Columns = batch[k].Columns, Costs = elements, Matching = rows, Potentials = potentials };
            elements += batch[k].Matrix.Length;
            rows += batch[k].Rows;
            potentials += batch[k].Rows + batch[k].Columns;
        }

        using BackendBuffer<T> costs = _backend.Allocate<T>(elements);
        using BackendBuffer<int> matchings = _backend.Allocate<int>(rows);
        using BackendBuffer<double> duals = _backend.Allocate<double>(potentials);
        for (int k = 0; k < batch.Length; k++)
            costs.CopyFrom(batch[k].Matrix, problems[k].Costs);
        AssignmentOutcome[] outcomes = new AssignmentOutcome[batch.Length];
        _backend.Assignment(problems, costs, matchings, duals, outcomes, new Execution(_backend, threads, 0, null, CancellationToken.None));
        return [.. problems.Select((problem, k) =>
        {
            int[] matching = new int[problem.Rows];
            double[] both = new double[problem.Rows + problem.Columns];
            matchings.CopyTo(matching, problem.Matching);
            duals.CopyTo(both, problem.Potentials);
            return new Answer(matching, both, outcomes[k]);
        })];
    }

    private sealed record Answer(int[] Matching, double[] Potentials, AssignmentOutcome Outcome);
}

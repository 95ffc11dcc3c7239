using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verb ReducedCosts against sorting all prices of an atom.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed class ReducedCostsConformanceTests<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Costs are computed in double everywhere, from the same numbers, in orders of their own.
    private const double Rounding = 1e-12;

    // Around the width of a warp, of a tile and of a block; one atom against many.
    private static readonly (int Rows, int Columns)[] Shapes = [(1, 1), (5, 31), (33, 32), (31, 33), (70, 257), (300, 40), (9, 1030), (1030, 9)];

    private Backend _backend = null!;

    [OneTimeSetUp]
    public void Begin() => _backend = Engines.CreateBackend();

    [OneTimeTearDown]
    public void End() => _backend?.Dispose();

    [Test]
    public void Lowest_OfTiedCosts_AreThoseOfLowerIndices([Values(1, 8, 16)] int count, [Values(0, double.PositiveInfinity)] double limit)
    {
        foreach ((int rows, int columns) in Shapes)
        {
            double[] costs = [.. Drawn.Uniform(rows + columns, rows * columns).Select(u => Math.Floor(7 * u) - 2)];
            double[] rowShift = Shift(rows, double.NegativeInfinity), columnShift = Shift(columns, double.PositiveInfinity);
            DenseGeometry<T> geometry = new(ExactInputs.To<T>(costs), rows, columns);
            foreach (TransportSide side in (TransportSide[])[TransportSide.A, TransportSide.B])
            {
                (double[] prices, int[] ends) = Lowest(geometry, rowShift, columnShift, 1.0 / 8, limit, count, side);

                (double[] expectedPrices, int[] expectedEnds) = Naive(costs, rowShift, columnShift, 1.0 / 8, limit, count, side);
                using (Assert.EnterMultipleScope())
                {
                    Assert.That(prices, Is.EqualTo(expectedPrices), $"{rows} x {columns}, side {side}");
                    Assert.That(ends, Is.EqualTo(expectedEnds), $"{rows} x {columns}, side {side}");
                }
            }
        }
    }

    [Test]
    public void Lowest_OfPointsAndGrids_AreTheirs([Values(TransportSide.A, TransportSide.B)] TransportSide side)
    {
        (Geometry<T> Geometry, double[] Costs)[] cases =
        [
            .. new (NaiveCost Defined, Cost Stated)[]
            {
                (NaiveCost.SquaredEuclidean, Cost.SquaredEuclidean), (NaiveCost.Euclidean, Cost.Euclidean), (NaiveCost.Manhattan, Cost.Manhattan),
                (NaiveCost.Chebyshev, Cost.Chebyshev), (NaiveCost.PNorm(3, 2), Cost.PNorm(3, 2)), (NaiveCost.Cosine, Cost.Cosine),
            }.Select(cost => Points(cost.Defined, cost.Stated)),
            Grid(),
        ];
        foreach ((Geometry<T> geometry, double[] costs) in cases)
        {
            double[] rowShift = [.. Drawn.Uniform(5, geometry.Rows)], columnShift = [.. Drawn.Uniform(6, geometry.Columns)];

            (double[] prices, int[] ends) = Lowest(geometry, rowShift, columnShift, 0, double.PositiveInfinity, 5, side);

            (double[] expected, _) = Naive(costs, rowShift, columnShift, 0, double.PositiveInfinity, 5, side);
            Assert.That(prices, Is.EqualTo(expected).Within(Rounding));
            for (int k = 0; k < ends.Length; k++)
            {
                // Which of nearly equal arcs comes first is rounding's; each has the price that is said of it.
                (int i, int j) = side == TransportSide.A ? (k / 5, ends[k]) : (ends[k], k / 5);
                Assert.That(costs[(i * geometry.Columns) + j] + columnShift[j] - rowShift[i], Is.EqualTo(prices[k]).Within(Rounding));
                Assert.That(ends.AsSpan(k / 5 * 5, k % 5).ToArray(), Has.No.Member(ends[k]));
            }
        }
    }

    [Test]
    public void LargestViolation_IsThatOfAllPairs()
    {
        foreach ((int rows, int columns) in Shapes)
        {
            double[] costs = ExactInputs.Seen<T>([.. Drawn.Uniform(rows, rows * columns)]);
            double[] f = [.. Drawn.Uniform(1, rows).Select(u => .3 * u)], g = [.. Drawn.Uniform(2, columns).Select(u => (.3 * u) - .1)];
            double expected = 0;
            for (int k = 0; k < costs.Length; k++)
                expected = Math.Max(expected, (f[k / columns] + g[k % columns] - costs[k]) / (Math.Abs(f[k / columns]) + Math.Abs(g[k % columns]) + Math.Abs(costs[k])));

            double found = OnTable(new DenseGeometry<T>(ExactInputs.To<T>(costs), rows, columns), table => _backend.LargestViolation(table, 0, f, g, TestExecution.On(_backend)));

            Assert.That(found, Is.EqualTo(expected).Within(Rounding), $"{rows} x {columns}");
        }
    }

    [Test]
    public void LargestViolation_OfFeasiblePotentials_IsZero() =>
        Assert.That(OnTable(new DenseGeometry<T>(new T[6], 2, 3), table => _backend.LargestViolation(table, 0, new double[2], [0, -1, -2], TestExecution.On(_backend))), Is.Zero);

    [Test]
    public void Results_OfTheWrongLength_AreRefused() => OnTable(new DenseGeometry<T>(new T[6], 2, 3), table =>
    {
        foreach ((int rows, int columns, int count, int prices, int ends) in ((int, int, int, int, int)[])[(1, 3, 2, 4, 4), (2, 2, 2, 4, 4), (2, 3, 0, 0, 0), (2, 3, 17, 34, 34), (2, 3, 2, 3, 4), (2, 3, 2, 4, 3)])
        {
            Assert.That(
                () => _backend.ReducedCosts(
                    table,
                    0,
                    new ArcPrices { RowShift = new double[rows], ColumnShift = new double[columns], Limit = 0, Count = count },
                    TransportSide.A,
                    new double[prices],
                    new int[ends],
                    TestExecution.On(_backend)),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
        }

        return 0;
    });

    /// <summary>Eighths, that add up exactly; every seventh atom is left out.</summary>
    private static double[] Shift(int count, double leftOut) => [.. Drawn.Uniform(count, count).Select((u, k) => k % 7 == 3 ? leftOut : Math.Floor(16 * u) / 8)];

    private static (Geometry<T> Geometry, double[] Costs) Points(NaiveCost defined, Cost stated)
    {
        double[] x = ExactInputs.Seen<T>(Drawn.Uniform(1, 40 * 3)), y = ExactInputs.Seen<T>(Drawn.Uniform(2, 70 * 3));
        return (new PointCloudGeometry<T>(ExactInputs.To<T>(x), ExactInputs.To<T>(y), 3, stated), defined.Between(x, y, 3));
    }

    private static (Geometry<T> Geometry, double[] Costs) Grid()
    {
        double[] points = NaiveGrid.Points([[0, .25, .5], [0, .25], [0, .25, .5, .75]]);
        return (new GridGeometry<T>([3, 2, 4], .25), NaiveCost.SquaredEuclidean.Between(points, points, 3));
    }

    private static (double[] Prices, int[] Ends) Naive(
        double[] costs, double[] rowShift, double[] columnShift, double slack, double limit, int count, TransportSide side)
    {
        int columns = columnShift.Length, atoms = side == TransportSide.A ? rowShift.Length : columns, others = costs.Length / atoms;
        double[] prices = new double[atoms * count];
        int[] ends = new int[atoms * count];
        Array.Fill(prices, double.PositiveInfinity);
        Array.Fill(ends, -1);
        for (int atom = 0; atom < atoms; atom++)
        {
            (double Price, int End)[] arcs = [.. Enumerable.Range(0, others).Select(other =>
            {
                (int i, int j) = side == TransportSide.A ? (atom, other) : (other, atom);
                double cost = costs[(i * columns) + j];
                return (Math.FusedMultiplyAdd(Math.Abs(cost), slack, cost) + columnShift[j] - rowShift[i], other);
            }).Where(arc => double.IsFinite(arc.Item1) && arc.Item1 < limit).Order().Take(count)];
            for (int k = 0; k < arcs.Length; k++)
                (prices[(atom * count) + k], ends[(atom * count) + k]) = arcs[k];
        }

        return (prices, ends);
    }

    private (double[] Prices, int[] Ends) Lowest(
        Geometry<T> geometry, double[] rowShift, double[] columnShift, double slack, double limit, int count, TransportSide side) => OnTable(geometry, table =>
    {
        int atoms = side == TransportSide.A ? geometry.Rows : geometry.Columns;
        double[] prices = new double[atoms * count];
        int[] ends = new int[atoms * count];
        ArcPrices wanted = new() { RowShift = rowShift, ColumnShift = columnShift, Slack = slack, Limit = limit, Count = count };
        _backend.ReducedCosts(table, 0, wanted, side, prices, ends, TestExecution.On(_backend));
        return (prices, ends);
    });

    private TResult OnTable<TResult>(Geometry<T> geometry, Func<LoadedTable<T>, TResult> work)
    {
        using ProblemTable<T> table = ProblemTable<T>.Of([TransportProblem.On(geometry)]);
        using LoadedTable<T> loaded = _backend.Load(table);
        return work(loaded);
    }
}

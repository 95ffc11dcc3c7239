using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.Cpu;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>The verb against sorting every reduced cost, on every number of threads.</summary>
internal sealed class ReducedCostsTests
{
    private static readonly (int Rows, int Columns)[] Sizes =
        [(1, 1), (1, 7), (8, 1), (7, 8), (9, 9), (63, 64), (65, 17), (128, 131), (600, 530), (1031, 70)];

    [Test]
    public void Lowest_GivesThePricesThatSortingGives([Values(1, 3, 12)] int k, [Values(1, 2, 7)] int threads, [Values] bool ties)
    {
        foreach ((int n, int m) in Sizes)
        {
            double[] costs = ties ? Drawn.Costs(5, n, m, 3) : Drawn.Cloud(5, n * m, 1);
            double[] f = ties ? new double[n] : Drawn.Cloud(6, n, 1);
            double[] shift = ties ? new double[m] : Drawn.Cloud(7, m, 1);
            foreach (double limit in new[] { double.PositiveInfinity, 0.25, -10 })
            {
                ArcLists byRow = new();
                ArcLists byColumn = new();
                byRow.Reset(n, k, limit);
                byColumn.Reset(m, k, limit);
                using CpuBackend backend = new();
                ReducedCosts.Lowest(new DenseCostRows<double>(costs, n, m), f, shift, 0.125, byRow, byColumn, Run(backend, threads));
                double Price(int i, int j) => Math.FusedMultiplyAdd(Math.Abs(costs[(i * m) + j]), 0.125, costs[(i * m) + j]) + shift[j] - f[i];
                for (int i = 0; i < n; i++)
                    Same(byRow.Ends(i), Enumerable.Range(0, m).Select(j => (Price(i, j), j)), k, limit, $"row {i} of {n} x {m}");
                for (int j = 0; j < m; j++)
                    Same(byColumn.Ends(j), Enumerable.Range(0, n).Select(i => (Price(i, j), i)), k, limit, $"column {j} of {n} x {m}");
            }
        }
    }

    [Test]
    public void Lowest_PricesThatAreNotFinite_AreNotTaken()
    {
        double[] costs = [double.PositiveInfinity, -1, double.NaN, double.NegativeInfinity, 2, -3, double.PositiveInfinity, 4, -5, 6];
        ArcLists byRow = new();
        ArcLists byColumn = new();
        byRow.Reset(1, 4, 0);
        byColumn.Reset(10, 4, 0);
        using CpuBackend backend = new();
        ReducedCosts.Lowest(new DenseCostRows<double>(costs, 1, 10), new double[1], new double[10], 0, byRow, byColumn, Run(backend, 1));
        Assert.That(byRow.Ends(0).ToArray(), Is.EquivalentTo(new[] { 1, 5, 8 }));
    }

    [Test]
    public void Smallest_HoldsTheSmallestOfEachRowAndColumn_AndFewOthers([Values(1, 5, 16)] int k, [Values(1, 2, 7)] int threads)
    {
        foreach ((int n, int m) in Sizes.Where(size => Math.Min(size.Rows, size.Columns) >= k))
        {
            double[] costs = Drawn.Cloud(5, n * m, 1);
            double[] f = Drawn.Cloud(6, n, 1);
            double[] g = Drawn.Cloud(7, m, 1);
            ArcTable arcs = new();
            using CpuBackend backend = new();
            ReducedCosts.Smallest(new DenseCostRows<double>(costs, n, m), f, g, k, m, arcs, Run(backend, threads));
            double Reduced(int i, int j) => costs[(i * m) + j] - g[j] - f[i];
            HashSet<(int, int)> held = [];
            for (int i = 0; i < n; i++)
            {
                Assert.That(arcs.EndsOf(i).ToArray(), Is.Ordered.Ascending.And.Unique);
                for (int place = 0; place < arcs.EndsOf(i).Length; place++)
                {
                    held.Add((i, arcs.EndsOf(i)[place]));
                    Assert.That(arcs.CostsOf(i)[place], Is.EqualTo(costs[(i * m) + arcs.EndsOf(i)[place]]));
                }
            }

            for (int i = 0; i < n; i++)
                Assert.That(held.IsSupersetOf(Enumerable.Range(0, m).OrderBy(j => Reduced(i, j)).Take(k).Select(j => (i, j))), $"row {i} of {n} x {m}");
            for (int j = 0; j < m; j++)
                Assert.That(held.IsSupersetOf(Enumerable.Range(0, n).OrderBy(i => Reduced(i, j)).Take(k).Select(i => (i, j))), $"column {j} of {n} x {m}");

            // Of 64 parts the k-th smallest minimum has about -64 ln(1 - k / 64) values below it.
            if (k < 16 || Math.Min(n, m) > 500)
                Assert.That(held, Has.Count.LessThanOrEqualTo(2.0 * k * (n + m)), $"{n} x {m}");
        }
    }

    [Test]
    public void Smallest_OnAnyThreads_GivesTheSameArcs()
    {
        const int N = 900;
        const int M = 310;
        DenseCostRows<double> rows = new(Drawn.Costs(3, N, M, 40), N, M);
        using CpuBackend backend = new();
        ArcTable expected = new();
        ReducedCosts.Smallest(rows, new double[N], new double[M], 9, 100, expected, Run(backend, 1));
        foreach (int threads in new[] { 2, 3, 64 })
        {
            ArcTable actual = new();
            ReducedCosts.Smallest(rows, new double[N], new double[M], 9, 100, actual, Run(backend, threads));
            Assert.That(actual.Starts.SequenceEqual(expected.Starts) && actual.Ends.SequenceEqual(expected.Ends) && actual.Costs.SequenceEqual(expected.Costs), $"{threads} threads");
        }
    }

    [Test]
    public void Smallest_Ties_StopAtTheMostOfARow()
    {
        ArcTable arcs = new();
        using CpuBackend backend = new();
        ReducedCosts.Smallest(new DenseCostRows<double>(new double[100 * 90], 100, 90), new double[100], new double[90], 4, 20, arcs, Run(backend, 1));
        for (int i = 0; i < 100; i++)
            Assert.That(arcs.EndsOf(i).Length, Is.EqualTo(20));
    }

    private static void Same(ReadOnlySpan<int> ends, IEnumerable<(double Price, int End)> all, int k, double limit, string name) =>
        Assert.That(ends.ToArray(), Is.EquivalentTo(all.Where(arc => arc.Price < limit).Order().Take(k).Select(arc => arc.End)), name);

    private static Execution Run(CpuBackend backend, int threads) => new(backend, threads, 0, null, CancellationToken.None);
}

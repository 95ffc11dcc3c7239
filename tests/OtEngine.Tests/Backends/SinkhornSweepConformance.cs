using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>The verb SinkhornSweep against the naive sweep in double, on every path that the CPU has for it.</summary>
public abstract class SinkhornSweepConformance<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Potentials in units of eps: a sum of terms of T, each right to a few units in the last place.</summary>
    private static readonly double Tolerance = typeof(T) == typeof(float) ? 3e-6 : 1e-11;

    private const long Roomy = 256 << 20;

    [TestCase(1, 1)]
    [TestCase(1, 9)]
    [TestCase(9, 1)]
    [TestCase(3, 7)]
    [TestCase(8, 8)]
    [TestCase(13, 15)]
    [TestCase(16, 17)]
    [TestCase(33, 31)]
    [TestCase(70, 131)]
    public void Sweeps_OfDenseCosts_AreTheNaiveOnes(int rows, int columns)
    {
        foreach (double omega in new[] { 1, 1.5 })
            Check(rows, columns, omega, Roomy, points: false, potentialsSpread: 0.5);
    }

    [TestCase(5, 6)]
    [TestCase(40, 67)]
    public void Sweeps_OfPoints_AreTheNaiveOnes(int rows, int columns) => Check(rows, columns, 1.3, Roomy, points: true, potentialsSpread: 0.5);

    [Test]
    public void Sweeps_OnASharedKernel_AreTheNaiveOnes()
    {
        // More than 2^14 costs: histograms share exp(-C / eps), the problem alone too.
        Check(140, 129, 1, Roomy, points: false, potentialsSpread: 0.5);
        Check(140, 129, 1.5, Roomy, points: false, potentialsSpread: 0.5);
    }

    [Test]
    public void Sweeps_WithoutMemoryForTheKernel_AreTheNaiveOnes()
    {
        // Beyond 4 MiB of kernel and a budget of nothing, rows are computed in blocks each sweep.
        int columns = typeof(T) == typeof(float) ? 2100 : 1100;
        Check(523, columns, 1, 0, points: true, potentialsSpread: 0.5, sweeps: 1);
    }

    [TestCase(60)]
    [TestCase(700)]
    public void Sweeps_FromPotentialsFarOff_AreRedoneShifted(double spread)
    {
        // Terms under- and overflow float and double: the guards of rows and of columns object, and shifted sums give the plain sweep.
        Check(23, 37, 1, Roomy, points: false, spread, sweeps: 1);
        Check(140, 129, 1, Roomy, points: false, spread, sweeps: 1);
    }

    [Test]
    public void ASweep_WithOneRowFarOff_IsTheNaiveOne()
    {
        TransportProblem<T> problem = Problem(19, 23, points: false, new Random(7), out double[] cost, out double[] a, out double[] b);
        double[] f = new double[19];
        double[] g = new double[23];
        f[4] = -900;
        g[5] = 650;
        Compare(problem, cost, a, b, f, g, 1, 1, Roomy);
    }

    [Test]
    public void Sweeps_OfATableWithoutProblems_AreNone()
    {
        using Backend backend = Engines.CreateBackend();
        using EntropicTable<T> table = new(backend, [], 0.4, Roomy, threads: 1);
        Assert.DoesNotThrow(() => table.Sweep([], 3, 1));
    }

    private static void Check(int rows, int columns, double omega, long budget, bool points, double potentialsSpread, int sweeps = 3)
    {
        Random random = new((rows * 1000) + columns);
        TransportProblem<T> problem = Problem(rows, columns, points, random, out double[] cost, out double[] a, out double[] b);
        double[] f = [.. Enumerable.Range(0, rows).Select(_ => potentialsSpread * (random.NextDouble() - 0.5))];
        double[] g = [.. Enumerable.Range(0, columns).Select(_ => potentialsSpread * (random.NextDouble() - 0.5))];
        Compare(problem, cost, a, b, f, g, omega, sweeps, budget);
    }

    private static void Compare(
        TransportProblem<T> problem, double[] cost, double[] a, double[] b, double[] f, double[] g, double omega, int sweeps, long budget)
    {
        const double epsilon = 0.4;
        using Backend backend = Engines.CreateBackend();
        using EntropicTable<T> table = new(backend, [problem], epsilon, budget, threads: 1);
        table.Sweep([(f, g)], sweeps, omega);
        (double[] actualF, double[] actualG) = table.Potentials(0);

        (double[] F, double[] G) expected = (f, g);
        for (int sweep = 0; sweep < sweeps; sweep++)
            expected = NaiveSinkhorn.Sweep(cost, a, b, expected.F, expected.G, epsilon, Trusted(table, omega));
        double scale = 1 + expected.F.Concat(expected.G).Max(Math.Abs);

        // Shifted sweeps move a constant from one potential to the other, which changes no plan.
        int first = Array.FindIndex(a, weight => weight > 0);
        double constant = actualF[first] - expected.F[first];
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] > 0)
                Assert.That(actualF[i] - constant, Is.EqualTo(expected.F[i]).Within(Tolerance * scale), $"f[{i}]");
        }

        for (int j = 0; j < b.Length; j++)
        {
            if (b[j] > 0)
                Assert.That(actualG[j] + constant, Is.EqualTo(expected.G[j]).Within(Tolerance * scale), $"g[{j}]");
        }

        Assert.That(table.State(0).Sweeps, Is.EqualTo(sweeps));
    }

    /// <summary>A sweep redone by shifted sums is a plain one; the state says so.</summary>
    private static double Trusted(EntropicTable<T> table, double omega) => table.State(0).Omega == 1 ? 1 : omega;

    private static TransportProblem<T> Problem(
        int rows, int columns, bool points, Random random, out double[] cost, out double[] a, out double[] b)
    {
        T[] x = Draw(random, rows * 2);
        T[] y = Draw(random, columns * 2);
        double[] costs = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double first = double.CreateChecked(x[2 * i]) - double.CreateChecked(y[2 * j]);
                double second = double.CreateChecked(x[(2 * i) + 1]) - double.CreateChecked(y[(2 * j) + 1]);
                costs[(i * columns) + j] = (first * first) + (second * second);
            }
        }

        T[] stored = [.. costs.Select(T.CreateChecked)];
        cost = points ? costs : [.. stored.Select(double.CreateChecked)];
        T[] weightsA = Weights(random, rows);
        T[] weightsB = Weights(random, columns);
        a = Shares(weightsA);
        b = Shares(weightsB);
        Geometry<T> geometry = points ? new PointCloudGeometry<T>(x, y, 2, Cost.SquaredEuclidean) : new DenseGeometry<T>(stored, rows, columns);

        // Equal totals to rounding: shares are what a verb sees.
        return TransportProblem.On(geometry).WithWeights([.. a.Select(T.CreateChecked)], [.. b.Select(T.CreateChecked)]);
    }

    private static T[] Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(random.NextDouble()))];

    /// <summary>Uneven, every fifth zero.</summary>
    private static T[] Weights(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(k => k % 5 == 3 ? T.Zero : T.CreateChecked(0.1 + random.NextDouble()))];

    private static double[] Shares(T[] weights)
    {
        double total = weights.Sum(double.CreateChecked);
        return [.. weights.Select(weight => double.CreateChecked(weight) / total)];
    }
}

using System.Numerics;
using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Backends;

/// <summary>Sweeps between points in any dimension, without memory for their costs, against the naive sweep in double.</summary>
public abstract class SinkhornPointsConformance<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    internal const double Epsilon = 0.4;

    /// <summary>Of potentials in units of eps, which is the relative error of the plan's entries: what points and no stored costs are held to.</summary>
    private static readonly double Tolerance = typeof(T) == typeof(float) ? 1e-4 : 1e-10;

    [TestCase(1, 1, 1)]
    [TestCase(9, 1, 2)]
    [TestCase(1, 9, 9)]
    [TestCase(37, 29, 1)]
    [TestCase(37, 29, 2)]
    [TestCase(64, 65, 3)]
    [TestCase(130, 67, 4)]
    [TestCase(67, 130, 5)]
    [TestCase(37, 29, 7)]
    [TestCase(63, 257, 8)]
    [TestCase(37, 29, 9)]
    [TestCase(131, 64, 16)]
    [TestCase(70, 130, 33)]
    [TestCase(128, 31, 64)]
    [TestCase(17, 19, 129)]
    public void Sweeps_BetweenPoints_AreTheNaiveOnes(int rows, int columns, int dimension)
    {
        Check(new PointsCase<T>(rows, columns, dimension), sweeps: 1, omega: 1);
        Check(new PointsCase<T>(rows, columns, dimension), sweeps: 3, omega: 1.4);
    }

    [TestCase(2)]
    [TestCase(8)]
    [TestCase(24)]
    public void Sweeps_FarFromTheOrigin_AreTheNaiveOnes(int dimension) =>
        Check(new PointsCase<T>(45, 83, dimension) { Shift = 512 }, sweeps: 2, omega: 1.3);

    [TestCase(2)]
    [TestCase(6)]
    [TestCase(20)]
    public void Sweeps_WithPointsOutOfRangeButWithoutMass_AreTheNaiveOnes(int dimension) =>
        Check(new PointsCase<T>(45, 83, dimension) { Massless = typeof(T) == typeof(float) ? 1e38 : 1e150 }, sweeps: 2, omega: 1.3);

    [TestCase(3)]
    [TestCase(12)]
    public void Sweeps_OfABatch_HaveTheBitsOfEachAlone(int dimension)
    {
        PointsCase<T>[] cases = [new(33, 70, dimension), new(1, 3, 2), new(300, 41, dimension + 1), new(17, 16, 8) { Shift = 3 }];
        (double[] F, double[] G)[] together = Sweep(cases, 3, 1.3);
        for (int k = 0; k < cases.Length; k++)
        {
            (double[] f, double[] g) = Sweep([cases[k]], 3, 1.3)[0];
            Assert.That(together[k].F, Is.EqualTo(f), $"f of problem {k}");
            Assert.That(together[k].G, Is.EqualTo(g), $"g of problem {k}");
        }
    }

    [TestCase(2)]
    [TestCase(8)]
    [TestCase(16)]
    public void Sweeps_AtASmallEpsilon_ErrByUnitsOfTheirLargestExponent(int dimension)
    {
        // Costs of hundreds of eps, swept from near the solution: what remains is what T cannot say of the largest exponent.
        PointsCase<T> problem = new(45, 60, dimension) { Scale = 12 };
        (double[] costs, double[] f, double[] g) = (problem.Costs, problem.F, problem.G);
        for (int sweep = 0; sweep < 60; sweep++)
            (f, g) = NaiveSinkhorn.Sweep(costs, problem.A, problem.B, f, g, Epsilon, 1);
        double unit = typeof(T) == typeof(float) ? Math.ScaleB(1, -24) : Math.ScaleB(1, -53);
        double largest = costs.Max() / Epsilon;
        Assert.That(largest, Is.GreaterThan(500));
        Check(problem with { F = f, G = g }, sweeps: 1, omega: 1, tolerance: 8 * unit * largest);
    }

    /// <summary>Potentials after some sweeps from those of the cases, without stored costs.</summary>
    private static (double[] F, double[] G)[] Sweep(IReadOnlyList<PointsCase<T>> cases, int sweeps, double omega)
    {
        using Backend backend = Engines.CreateBackend();
        return Sweep(backend, cases, sweeps, omega);
    }

    internal static (double[] F, double[] G)[] Sweep(Backend backend, IReadOnlyList<PointsCase<T>> cases, int sweeps, double omega)
    {
        using EntropicTable<T> table = new(backend, [.. cases.Select(one => one.Problem)], Epsilon, budget: 0, threads: 1);
        table.Sweep([.. cases.Select(one => (one.F, one.G))], sweeps, omega);
        for (int k = 0; k < cases.Count; k++)
            Assert.That((table.State(k).Sweeps, table.State(k).Omega), Is.EqualTo((sweeps, omega)), "sweeps, none of them redone by shifted sums");
        return [.. Enumerable.Range(0, cases.Count).Select(table.Potentials)];
    }

    /// <summary>The largest difference from the naive sweeps, of potentials of atoms with mass, in units of eps.</summary>
    internal static double Error(PointsCase<T> problem, (double[] F, double[] G) actual, int sweeps, double omega)
    {
        double[] costs = problem.Costs;
        (double[] F, double[] G) expected = (problem.F, problem.G);
        for (int sweep = 0; sweep < sweeps; sweep++)
            expected = NaiveSinkhorn.Sweep(costs, problem.A, problem.B, expected.F, expected.G, Epsilon, omega);

        // A warm start moves a constant from one potential to the other, which changes no plan.
        int first = Array.FindIndex(problem.A, weight => weight > 0);
        double constant = actual.F[first] - expected.F[first];
        double error = 0;
        for (int i = 0; i < problem.A.Length; i++)
            error = problem.A[i] > 0 ? Math.Max(error, Math.Abs(actual.F[i] - constant - expected.F[i])) : error;
        for (int j = 0; j < problem.B.Length; j++)
            error = problem.B[j] > 0 ? Math.Max(error, Math.Abs(actual.G[j] + constant - expected.G[j])) : error;
        return double.IsNaN(error) ? double.PositiveInfinity : error / Epsilon;
    }

    private static void Check(PointsCase<T> problem, int sweeps, double omega, double? tolerance = null) =>
        Assert.That(Error(problem, Sweep([problem], sweeps, omega)[0], sweeps, omega), Is.LessThanOrEqualTo(tolerance ?? Tolerance));
}

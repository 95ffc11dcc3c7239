using System.Numerics;
using NUnit.Framework;
using OtEngine.Tests;
using OtEngine.TestSupport;

namespace OtEngine.Cuda.Tests.Kernels;

/// <summary>Sweeps between points that store nothing, of a cost that is no squared distance: pair by pair, as on the CPU.</summary>
[TestFixture(typeof(float), 1e-4)]
[TestFixture(typeof(double), 1e-10)]
internal sealed class SinkhornPointsOtherCostsTests<T>(double within)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    [TestCase(61, 37)]
    [TestCase(5, 300)]
    public void Sweeps_WithoutStoredCosts_AreThoseOfTheCpu(int n, int m)
    {
        using Engine engine = TestDevice.CreateEngine(o => o.CostMatrixBudget = 0, cuda => cuda.SolvesInBlocks = false);
        TransportProblem<T> problem = ExactInputs.Points<T>(
            Drawn.Cloud(1, n, 2), Drawn.Cloud(2, m, 2), 2, Cost.Euclidean, Drawn.ExactWeights(3, n), Drawn.ExactWeights(4, m));
        Sinkhorn solver = new() { EpsilonRelative = 0.1, Tolerance = 0, MaxIterations = 20 };
        using TransportResult<T> actual = engine.Solve(problem, solver);
        using TransportResult<T> expected = Engines.Cpu.Solve(problem, solver);
        Assert.That(actual.TransportCost, Is.EqualTo(expected.TransportCost).Within(within * expected.TransportCost));
        if (HostDevice.Default is { } host)
            Assert.That(host.Launched($"ot_sinkhorn_points_columns_{(typeof(T) == typeof(float) ? "f32" : "f64")}"), Is.GreaterThan(0));
        Assert.That(actual.Potentials.G.ToArray(), Is.EqualTo(expected.Potentials.G.ToArray()).Within(within));
    }
}

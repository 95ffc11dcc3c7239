using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>What steady solves on grids allocate on the CPU.</summary>
internal sealed class GridMemoryTests
{
    [Test]
    public void Workspace_OnAGrid_AllocatesNothingOnceWarm()
    {
        GridGeometry<float> grid = new([8, 9]);
        float[] a = ExactInputs.To<float>(Drawn.ExactWeights(1, 72)), b = ExactInputs.To<float>(Drawn.ExactWeights(2, 72));
        double[] f = new double[72], g = new double[72];
        Sinkhorn solver = new() { EpsilonRelative = 0.01 };
        using SinkhornWorkspace<float> workspace = new();
        SinkhornSummary first = Engines.SingleThreaded.Solve<float>(grid, a, b, solver, workspace, f, g);
        for (int k = 0; k < 5; k++)
            Engines.SingleThreaded.Solve<float>(grid, a, b, solver, workspace, f, g);

        long before = GC.GetAllocatedBytesForCurrentThread();
        SinkhornSummary last = Engines.SingleThreaded.Solve<float>(grid, a, b, solver, workspace, f, g);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(allocated, Is.Zero);
        Assert.That(last, Is.EqualTo(first));
    }
}

using NUnit.Framework;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Faults;

/// <summary>What loops over the driver calls of a solve have in common.</summary>
internal abstract class FaultLoop(SmallSolve solve, bool inBlocks) : HostTests
{
    /// <summary>A code that says nothing and leaves a way back.</summary>
    protected const int Unknown = 999;

    protected Engine Create(Action<CudaOptions>? configure = null) => Host.CreateEngine(options =>
    {
        options.SolvesInBlocks = inBlocks;
        configure?.Invoke(options);
    });

    protected double[] Solve(Engine engine) => SmallProblem.Bits(engine, solve);

    protected static long CallsOf(Action work)
    {
        long before = Host.Calls;
        work();
        return Host.Calls - before;
    }

    protected static void RequireRelease(long k, long count)
    {
        Host.FailCall(null, 0, 0);
        string alive = Host.Alive();
        if (alive.Length == 0)
            return;

        // A call that released something was the one to fail: the handle is gone, its thing goes with the context.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(Host.Alive(), Is.Empty, $"call {k} of {count}; before a collection {alive}");
    }
}

using NUnit.Framework;
using OtEngine.Tests;

namespace OtEngine.Cuda.Tests.Faults;

/// <summary>
/// Every call that an engine makes from its creation to its disposal fails once, a solve included. Other solves than these two differ in calls that
/// <see cref="FaultLoopTests"/> lets fail.
/// </summary>
[TestFixture(SmallSolve.Dense, false)]
[TestFixture(SmallSolve.Dense, true)]
internal sealed class FreshEngineFaultTests(SmallSolve solve, bool inBlocks) : FaultLoop(solve, inBlocks)
{
    [Test]
    public void EveryCallThatFails_OfAFreshEngine_ThrowsItsCode_AndAllIsReleased()
    {
        double[] expected = [];
        long count = CallsOf(() => expected = Fresh());
        for (long k = 1; k <= count; k++)
        {
            Host.FailCall(null, k, Unknown);
            try
            {
                Assert.That(Fresh(), Is.EqualTo(expected), $"call {k} of {count}");
            }
            catch (CudaException exception)
            {
                Assert.That(exception.Code, Is.EqualTo(Unknown), $"call {k} of {count}: {exception}");
            }

            RequireRelease(k, count);
        }
    }

    private double[] Fresh()
    {
        using Engine engine = Create();
        return Solve(engine);
    }
}

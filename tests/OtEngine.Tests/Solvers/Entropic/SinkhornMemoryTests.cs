using System.Diagnostics;
using System.Runtime.Intrinsics;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Clouds whose cost matrix no memory would hold.</summary>
[NonParallelizable]
internal sealed class SinkhornMemoryTests
{
    // The matrix of 100,000 x 100,000 floats is 40 GB. Points, weights, potentials and partial sums of every thread are a few vectors.
    private const long MostBytes = 400L << 20;

    [Test]
    public void Solve_ManyPointsACoupleOfSweeps_StaysWithinLinearMemory()
    {
        // Full size where vectors are wide; without them 10^10 exponentials take minutes, or hours.
        int count = Vector512.IsHardwareAccelerated ? 100_000 : Vector256.IsHardwareAccelerated ? 20_000 : 2_000;
        float[] x = ExactInputs.To<float>(Drawn.Cloud(1, count, 2)), y = ExactInputs.To<float>(Drawn.Cloud(2, count, 2));
        double[] a = Drawn.Weights(3, count), b = Drawn.Weights(4, count);
        TransportProblem<float> problem = TransportProblem.On(new PointCloudGeometry<float>(x, y, 2, Cost.SquaredEuclidean)).WithWeights(ExactInputs.To<float>(a), ExactInputs.To<float>(b));
        using Engine engine = Engine.Create(o => o.CostMatrixBudget = 0);
        GC.Collect();
        long before = GC.GetTotalAllocatedBytes(precise: true), workingSet = Environment.WorkingSet, start = Stopwatch.GetTimestamp();
        using TransportResult<float> result = engine.Solve(problem, new Sinkhorn { Epsilon = .5, MaxIterations = 2, EpsilonSchedule = false });
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before, grown = Environment.WorkingSet - workingSet;
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"{count} points: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, {allocated >> 20} MiB allocated, working set grown by {grown >> 20} MiB, error {result.MarginalErrorA}, [{result.LowerBound}, {result.UpperBound}]"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Iterations, Is.LessThanOrEqualTo(2));
            Assert.That(allocated, Is.LessThan(MostBytes));
            Assert.That(grown, Is.LessThan(MostBytes));
            Assert.That(result.MarginalErrorB, Is.LessThan(1e-3), "after a plain update side b is right");
            Assert.That(result.LowerBound, Is.LessThanOrEqualTo(result.UpperBound));
            Assert.That(double.IsFinite(result.LowerBound) && double.IsFinite(result.UpperBound));
        }
    }
}

using System.Numerics;
using System.Numerics.Tensors;
using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Square assignment problems on a remote backend, as exact transport where that proves the best assignment the only one: SciPy's indices in any case.</summary>
internal sealed class AssignmentHybridTests
{
    /// <summary>
    /// The verb moves potentials with each row inserted, 130 at most here, by sums along short paths: some six roundings of 2^-53 each time, 9e-14
    /// in all. Transport's are costs less potentials, rounded once. Of |f| + |g| + |C|.
    /// </summary>
    private const double DualRounding = 1e-13;

    private static readonly Assignment Hybrid = new() { HybridRows = 1 };

    private static readonly int[] Sizes = [1, 2, 7, 33, 64, 90, 130];

    [TestCase(false)]
    [TestCase(true)]
    public void Assign_CostsWithoutTies_GivesTheIndicesOfTheCpu_AndItsTotalToTheBit(bool maximize)
    {
        foreach (int n in Sizes)
        {
            Agree(n, [.. Drawn.Cloud(n, n * n, 1)], Hybrid with { Maximize = maximize }, byTransport: n > 7 ? true : null);
            Agree(n, ExactInputs.To<float>(Drawn.Cloud(n + 1, n * n, 1)), Hybrid with { Maximize = maximize }, byTransport: n > 7 ? true : null);
        }
    }

    [Test]
    public void Assign_TiedCosts_IsLeftToTheVerb()
    {
        foreach (int n in Sizes)
        {
            Agree(n, Drawn.Costs(n, n, n, 3), Hybrid, byTransport: n < 33 ? null : false);
            Agree(n, new double[n * n], Hybrid, byTransport: n == 1 ? null : false);
        }
    }

    [TestCase(1e-13, false)]
    [TestCase(1e-6, true)]
    public void Assign_ASecondBestThatIsThisMuchWorse_IsSettledByTransportIfRoundingCannotReachIt(double worse, bool byTransport)
    {
        // More off the diagonal, and one exchange of two rows that costs hardly more than the diagonal.
        const int Count = 40;
        double[] costs = [.. Drawn.Uniform(7, Count * Count).Select((u, k) => k / Count == k % Count ? 0.25 * u : 1 + u)];
        costs[(5 * Count) + 6] = costs[(5 * Count) + 5] + worse;
        costs[(6 * Count) + 5] = costs[(6 * Count) + 6];
        Agree(Count, costs, Hybrid, byTransport);
    }

    [Test]
    public void Assign_ForbiddenPairsAndOtherShapes_AreLeftToTheVerb()
    {
        double[] costs = Drawn.Cloud(3, 30 * 30, 1);
        Agree(30, [.. costs.Select((c, k) => k % 11 == 3 ? double.PositiveInfinity : c)], Hybrid, byTransport: false);
        AssignmentResult expected = Engines.Cpu.Assign(Tensor.Create(costs, [25, 36])), actual = Engines.Remote.Assign(Tensor.Create(costs, [25, 36]), Hybrid);
        Assert.That(actual.ColumnIndices.ToArray(), Is.EqualTo(expected.ColumnIndices.ToArray()));
        Assert.That(actual.Iterations, Is.EqualTo(expected.Iterations));
    }

    [Test]
    public void AssignBatch_OfBothKinds_GivesTheBitsOfItsLoop()
    {
        Tensor<double>[] problems =
        [
            Tensor.Create(Drawn.Cloud(1, 50 * 50, 1), [50, 50]), Tensor.Create(Drawn.Costs(2, 40, 40, 2), [40, 40]),
            Tensor.Create(Drawn.Cloud(3, 20 * 30, 1), [20, 30]), Tensor.Create(Drawn.Cloud(4, 45 * 45, 1), [45, 45]),
        ];
        IReadOnlyList<AssignmentResult> batch = Engines.Remote.AssignBatch(problems, Hybrid);
        for (int k = 0; k < problems.Length; k++)
        {
            AssignmentResult alone = Engines.Remote.Assign(problems[k], Hybrid);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(batch[k].ColumnIndices.ToArray(), Is.EqualTo(alone.ColumnIndices.ToArray()), $"problem {k}");
                Assert.That(batch[k].Potentials.F.ToArray(), Is.EqualTo(alone.Potentials.F.ToArray()), $"problem {k}");
                Assert.That(batch[k].Iterations, Is.EqualTo(alone.Iterations), $"problem {k}");
            }
        }
    }

    /// <summary>The answer is the CPU's, with potentials that prove it; whose it is shows in the work counted, where that is asked.</summary>
    private static void Agree<T>(int n, T[] costs, Assignment options, bool? byTransport)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Tensor<T> matrix = Tensor.Create(costs, [n, n]);
        AssignmentResult expected = Engines.Cpu.Assign(matrix, options), actual = Engines.Remote.Assign(matrix, options);
        double sign = options.Maximize ? -1 : 1;
        double violation = ExactEvidence.DualViolation(
            [.. costs.Select(c => sign * double.CreateTruncating(c))], [.. actual.Potentials.F.ToArray().Select(f => sign * f)], [.. actual.Potentials.G.ToArray().Select(g => sign * g)]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(actual.ColumnIndices.ToArray(), Is.EqualTo(expected.ColumnIndices.ToArray()), $"{n} rows");
            Assert.That(actual.TotalCost, Is.EqualTo(expected.TotalCost), $"{n} rows");
            Assert.That(actual.Status, Is.EqualTo(SolveStatus.Converged), $"{n} rows");
            Assert.That(violation, Is.LessThanOrEqualTo(DualRounding), $"{n} rows");
            if (byTransport == false)
                Assert.That(actual.Iterations, Is.EqualTo(expected.Iterations), $"{n} rows: not the verb's");
            else if (byTransport == true)
                Assert.That(actual.Iterations, Is.Not.EqualTo(expected.Iterations), $"{n} rows: not transport's");
        }
    }
}

using NUnit.Framework;
using OtEngine.Backends;
using OtEngine.Cpu;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

/// <summary>Sweeps over few arcs against sums in double.</summary>
internal sealed class ArcSweepTests
{
    /// <summary>Exponentials are float, and so are their sums: 16 lanes, a few roundings of 2^-24 each, times eps.</summary>
    private const double FloatSum = 1e-6;

    [TestCase(1.0)]
    [TestCase(1e-3)]
    [TestCase(1e-9)]
    public void Update_OverArcs_IsTheSoftMinimum(double epsilon)
    {
        const int Ends = 70;
        int[] lengths = [0, 1, 2, 7, 8, 9, 15, 16, 17, 33, 64];
        double[] from = Drawn.Cloud(1, Ends, 1);
        double[] logWeights = [.. Drawn.WideWeights(2, Ends, 12).Select(w => Math.Log(w))];
        ArcTable arcs = new();
        foreach (int length in lengths)
            arcs.Append([.. Enumerable.Range(0, length).Select(k => (k * 13) % Ends)], Drawn.Cloud(3 + length, length, 1));
        double[] to = [.. lengths.Select(_ => 5.0)];
        double[] weights = [.. lengths.Select(_ => 1.0 / lengths.Length)];
        ArcSweep sweep = new(CancellationToken.None);
        sweep.Update(arcs, from, logWeights, weights, epsilon, to);

        double neighbours = 0;
        for (int v = 0; v < lengths.Length; v++)
        {
            double[] terms = [.. arcs.EndsOf(v).ToArray().Zip(arcs.CostsOf(v).ToArray(), (j, c) => c - from[j] - (epsilon * logWeights[j]))];
            double least = terms.DefaultIfEmpty().Min();
            double sum = terms.Length == 0 ? 1 : terms.Sum(t => Math.Exp((least - t) / epsilon));
            double expected = terms.Length == 0 ? 5 : least - (epsilon * Math.Log(sum));
            Assert.That(to[v], Is.EqualTo(expected).Within((FloatSum * epsilon) + 1e-13), $"{lengths[v]} arcs");
            neighbours += sum / lengths.Length;
        }

        Assert.That(sweep.Neighbours, Is.EqualTo(neighbours).Within(FloatSum * neighbours));
    }

    [Test]
    public void Update_OverAStoredMatrix_IsTheSameAsOverAllArcs([Values(1, 5, 16, 37)] int columns)
    {
        const int Rows = 11;
        double[] costs = Drawn.Cloud(1, Rows * columns, 1);
        double[] from = Drawn.Cloud(2, columns, 1);
        double[] logWeights = [.. Drawn.WideWeights(3, columns, 6).Select(w => Math.Log(w))];
        double[] weights = Drawn.Weights(4, Rows);
        ArcTable arcs = new();
        for (int i = 0; i < Rows; i++)
            arcs.Append([.. Enumerable.Range(0, columns)], costs.AsSpan(i * columns, columns));
        double[] expected = new double[Rows];
        double[] actual = new double[Rows];
        ArcSweep sweep = new(CancellationToken.None);
        sweep.Update(arcs, from, logWeights, weights, 0.1, expected);
        sweep.Update(costs, from, logWeights, weights, 0.1, actual);
        Assert.That(actual, Is.EqualTo(expected));
    }

    [Test]
    public void Update_InfiniteCosts_CarryNothing()
    {
        ArcTable arcs = new();
        arcs.Append([0, 1, 2], [double.PositiveInfinity, 3, double.PositiveInfinity]);
        double[] to = new double[1];
        new ArcSweep(CancellationToken.None).Update(arcs, new double[3], new double[3], [1.0], 0.5, to);
        Assert.That(to[0], Is.EqualTo(3));
    }
}

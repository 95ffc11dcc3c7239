using NUnit.Framework;
using OtEngine.Cpu;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Cpu;

/// <summary>Soft and hard minima along one axis of a grid, against the definition; sizes around the width of a vector and of a tile.</summary>
[Category("Simd")]
internal sealed class GridSoftMinTests
{
    /// <summary>Relative to the largest number involved: n roundings of sums, and those of exponents of some hundreds.</summary>
    private const double Rounding = 1e-13;

    [Test]
    public void Axis_AgainstTheDefinition_IsTheSame(
        [Values(1, 7, 8, 9, 13)] int inputs, [Values(1, 7, 8, 13)] int outputs, [Values(1, 3)] int outer, [Values(1, 7, 8, 33)] int inner)
    {
        double[] costs = Drawn.Cloud(1, outputs * inputs, 1);
        double[] values = Drawn.Cloud(2, outer * inputs * inner, 1);
        Knock(values, 3);
        foreach (double epsilon in (double[])[0.001, 0.1, 10])
            Check(costs, values, outer, inputs, inner, outputs, epsilon);
    }

    // Sums that the matrix cannot hold: neighbours along a line differ by thousands of eps.
    [TestCase(40, 5, 1, 1)]
    [TestCase(9, 40, 2, 41)]
    public void Axis_OfWideRange_IsTheSame(int inputs, int outputs, int outer, int inner)
    {
        double[] costs = [.. Drawn.Cloud(4, outputs * inputs, 1).Select(c => 1e5 * c)];
        double[] values = [.. Drawn.Cloud(5, outer * inputs * inner, 1).Select(v => 1e5 * v)];
        Knock(values, 6);
        Check(costs, values, outer, inputs, inner, outputs, epsilon: 1);
    }

    // Smooth lines of growing steepness: one shift a line, one a block of inputs, one a sum.
    [Test]
    public void Axis_OfAnySlope_IsTheSame([Values(0.1, 1, 3, 10, 30, 100, 1000)] double slope, [Values(17, 40, 64)] int inputs, [Values(1, 5, 33)] int inner)
    {
        double[] costs = [.. Enumerable.Range(0, 21 * inputs).Select(k => 0.01 * slope * Math.Pow((k / inputs) - (k % inputs) + 3, 2))];
        double[] values = [.. Enumerable.Range(0, inputs * inner).Select(k => slope * ((k / inner) - (0.3 * (k % inner))))];
        double[] opposite = [.. values.Select(v => -v)];
        Knock(values, 12);
        Check(costs, values, 1, inputs, inner, 21, epsilon: 1);
        Check(costs, opposite, 1, inputs, inner, 21, epsilon: 1);
    }

    [Test]
    public void Line_WithoutMass_IsMinusInfinity([Values] bool hard)
    {
        double[] values = [double.NegativeInfinity, 1, double.NegativeInfinity, 2, double.NegativeInfinity, double.NegativeInfinity];

        double[] result = Transformed([0, 1, 2, 3, 4, 5], values, 1, 3, 2, 2, scale: 1, hard);

        Assert.That((double[])[result[0], result[2]], Is.All.EqualTo(double.NegativeInfinity));
        Assert.That((double[])[result[1], result[3]], Is.All.Matches<double>(double.IsFinite));
    }

    [Test]
    public void NaN_StaysInItsLine([Values] bool hard, [Values(1, 11)] int inner)
    {
        double[] values = Drawn.Cloud(7, 5 * inner, 1);
        values[2 * inner] = double.NaN;

        double[] result = Transformed(Drawn.Cloud(8, 15, 1), values, 1, 5, inner, 3, scale: 1, hard);

        for (int k = 0; k < result.Length; k++)
            Assert.That(double.IsNaN(result[k]), Is.EqualTo(k % inner == 0), $"result {k}");
    }

    [Test]
    public void Axis_OnAnyNumberOfThreads_HasTheSameBits()
    {
        double[] costs = Drawn.Cloud(9, 13 * 17, 1);
        double[] values = Drawn.Cloud(10, 11 * 17 * 29, 1);
        Knock(values, 11);
        double[] one = Transformed(costs, values, 11, 17, 29, 13, scale: 300, hard: false);
        foreach (int lanes in (int[])[2, 7])
            Assert.That(Transformed(costs, values, 11, 17, 29, 13, scale: 300, hard: false, lanes), Is.EqualTo(one), $"{lanes} lanes");
    }

    private static void Knock(double[] values, int seed)
    {
        Random random = new(seed);
        for (int k = 0; k < values.Length; k++)
            values[k] = random.Next(5) == 0 ? double.NegativeInfinity : values[k];
    }

    private static void Check(double[] costs, double[] values, int outer, int inputs, int inner, int outputs, double epsilon)
    {
        double scale = 1 / (epsilon * Math.Log(2));
        double[] scaled = [.. values.Select(v => v * scale)];
        double[] soft = Transformed(costs, scaled, outer, inputs, inner, outputs, scale, hard: false);
        double[] hard = Transformed(costs, values, outer, inputs, inner, outputs, 1, hard: true);
        double[] expectedSoft = NaiveSoftMin.AlongAxis(values, [outer, inputs, inner], 1, costs, epsilon);
        double[] expectedHard = NaiveSoftMin.AlongAxis(values, [outer, inputs, inner], 1, costs, 0);
        double largest = costs.Concat(values.Where(double.IsFinite)).Max(Math.Abs);
        for (int k = 0; k < soft.Length; k++)
        {
            Assert.That(-hard[k], Is.EqualTo(expectedHard[k]), $"hard {k}");
            if (double.IsPositiveInfinity(expectedSoft[k]))
                Assert.That(soft[k], Is.EqualTo(double.NegativeInfinity), $"soft {k}");
            else
                Assert.That(-soft[k] / scale, Is.EqualTo(expectedSoft[k]).Within(Rounding * (largest + epsilon)), $"soft {k}");
        }
    }

    private static double[] Transformed(
        double[] costs, double[] values, int outer, int inputs, int inner, int outputs, double scale, bool hard, int lanes = 1)
    {
        using GridAxis axis = new();
        using ScratchBuffer<double> scratch = new();
        axis.Read(costs, outputs, transposed: false, scale, hard ? GridAxisUse.Hard : GridAxisUse.Soft, CancellationToken.None);
        double[] result = new double[outer * outputs * inner];
        GridSoftMin.Run(axis, values, result, outer, inner, scratch, lanes, CancellationToken.None);
        double[] transposed = new double[result.Length];
        axis.Read(NaiveSoftMin.Transposed(costs, outputs), inputs, transposed: true, scale, hard ? GridAxisUse.Hard : GridAxisUse.Soft, CancellationToken.None);
        GridSoftMin.Run(axis, values, transposed, outer, inner, scratch, lanes, CancellationToken.None);
        Assert.That(transposed, Is.EqualTo(result), "read transposed");
        return result;
    }
}

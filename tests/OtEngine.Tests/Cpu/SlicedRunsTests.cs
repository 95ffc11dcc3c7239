using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests.Cpu;

/// <summary>Gradients whose slopes are more than are in memory together.</summary>
internal sealed class SlicedRunsTests
{
    private const int Directions = 9000;
    private const double Rounding = 1e-12;

    [Test]
    public void Gradient_OfMoreSlopesThanOneRunHas_IsTheMeanOverPartsOfTheDirections()
    {
        double[] x = Drawn.Cloud(1, 520, 2), y = Drawn.Cloud(2, 500, 2, .3), a = Drawn.Weights(3, 520), b = Drawn.Weights(4, 500);
        double[] axes = [.. Enumerable.Range(0, Directions).SelectMany(l => (double[])[Math.Cos(l), Math.Sin(l)])];
        TransportProblem<double> problem = TransportProblem.On(new PointCloudGeometry<double>(x, y, 2, Cost.Euclidean)).WithWeights(a, b);
        TransportProblem<double> other = TransportProblem.On(new PointCloudGeometry<double>(y, x, 2, Cost.Euclidean)).WithWeights(b, a);

        SlicedResult<double>[] whole = [.. Engines.Default.SolveSlicedBatch([problem, other], With(axes))];
        SlicedResult<double>[] parts = [.. axes.Chunk(axes.Length / 3).Select(part => Engines.Default.SolveSliced(problem, With(part)))];

        using (Assert.EnterMultipleScope())
        {
            for (int k = 0; k < x.Length; k++)
                Assert.That(whole[0].GradientX.Span[k], Is.EqualTo(parts.Average(part => part.GradientX.Span[k])).Within(Rounding), $"x {k}");
            for (int k = 0; k < y.Length; k++)
                Assert.That(whole[0].GradientY.Span[k], Is.EqualTo(parts.Average(part => part.GradientY.Span[k])).Within(Rounding), $"y {k}");
            Assert.That(whole[1].GradientY.ToArray(), Is.EqualTo(whole[0].GradientX.ToArray()).Within(Rounding));
        }
    }

    private static OtEngine.Sliced With(double[] axes) => new() { Directions = axes, Gradient = true };
}

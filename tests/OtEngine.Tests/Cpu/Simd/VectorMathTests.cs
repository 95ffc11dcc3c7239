using System.Runtime.Intrinsics;
using NUnit.Framework;
using OtEngine.Cpu.Simd;

namespace OtEngine.Tests.Cpu.Simd;

/// <summary>The vector 2^x against Math.Pow, over its whole range and at its ends.</summary>
public sealed class VectorMathTests
{
    /// <summary>One unit in the last place of float, from Horner's last steps.</summary>
    private const double FloatTolerance = 1.2e-7;

    /// <summary>1.5 units in the last place of double, and Math.Pow's own.</summary>
    private const double DoubleTolerance = 4.5e-16;

    [Test]
    public void Exp2_OfFloats_IsRightToOneUnitInTheLastPlace()
    {
        double worst = 0;
        for (double x = -125.99; x < 127.9; x += 0.00731)
        {
            float argument = (float)x;
            double expected = Math.Pow(2, argument);
            worst = Math.Max(worst, Math.Abs((VectorMath.Exp2(Vector512.Create(argument))[3] - expected) / expected));
        }

        Assert.That(worst, Is.LessThan(FloatTolerance).And.GreaterThan(0));
    }

    [Test]
    public void Exp2_OfDoubles_IsRightToTwoUnitsInTheLastPlace()
    {
        double worst = 0;
        for (double x = -1021.9; x < 1023.9; x += 0.05317)
        {
            double expected = Math.Pow(2, x);
            worst = Math.Max(worst, Math.Abs((VectorMath.Exp2(Vector512.Create(x))[5] - expected) / expected));
        }

        Assert.That(worst, Is.LessThan(DoubleTolerance).And.GreaterThan(0));
    }

    [TestCase(0, 1)]
    [TestCase(1, 2)]
    [TestCase(-1, 0.5)]
    [TestCase(-125, 2.350988701644575e-38)]
    [TestCase(-127, 0, Description = "a denormal is flushed")]
    [TestCase(-140.5, 0)]
    [TestCase(-1e30, 0)]
    [TestCase(double.NegativeInfinity, 0)]
    [TestCase(double.NaN, 0)]
    [TestCase(129, double.PositiveInfinity)]
    [TestCase(1e30, double.PositiveInfinity)]
    [TestCase(double.PositiveInfinity, double.PositiveInfinity)]
    public void Exp2_OfAFloatAtTheEnds(double x, double expected) =>
        Assert.That((double)VectorMath.Exp2(Vector512.Create((float)x))[0], Is.EqualTo(expected));

    [TestCase(0, 1)]
    [TestCase(-1021, 4.450147717014403e-308)]
    [TestCase(-1023, 0)]
    [TestCase(-1e300, 0)]
    [TestCase(double.NegativeInfinity, 0)]
    [TestCase(double.NaN, 0)]
    [TestCase(1025, double.PositiveInfinity)]
    [TestCase(1e300, double.PositiveInfinity)]
    [TestCase(double.PositiveInfinity, double.PositiveInfinity)]
    public void Exp2_OfADoubleAtTheEnds(double x, double expected) => Assert.That(VectorMath.Exp2(Vector512.Create(x))[7], Is.EqualTo(expected));
}

using NUnit.Framework;
using OtEngine.TestSupport;

namespace OtEngine.Tests;

internal sealed class ScaledResidualTests
{
    [Test]
    public void Equal_IsZero() => Assert.That(ScaledResidual.Of([1, double.PositiveInfinity, -0.0, 0], [1, double.PositiveInfinity, 0, 0], 1e-16, 9), Is.EqualTo((0.0, 0.0)));

    [Test]
    public void OneOff_IsItsErrorOverTheLargest()
    {
        (double relative, double residual) = ScaledResidual.Of([1, 4.5], [1, 5], 1e-3, 10);
        Assert.That(relative, Is.EqualTo(.1).Within(1e-15));
        Assert.That(residual, Is.EqualTo(10).Within(1e-12));
    }

    [Test]
    public void WhatIsNoNumberOrIsMissing_IsInfinitelyFar()
    {
        foreach ((double[] found, double[] expected) in ((double[], double[])[])[([double.NaN], [1]), ([1], [double.NaN]), ([double.NegativeInfinity, 1], [double.PositiveInfinity, 1]), ([], [1]), ([1e-300], [0])])
            Assert.That(ScaledResidual.Of(found, expected, 1e-16, 1).Residual, Is.EqualTo(double.PositiveInfinity));
    }
}

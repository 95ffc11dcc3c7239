using System.Numerics;
using NUnit.Framework;

namespace OtEngine.Tests.Backends;

/// <summary>The same sweeps by the kernels for points that no single block holds.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public sealed class SinkhornPointsOfLargeProblemsConformanceTests<T> : SinkhornPointsConformance<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    [OneTimeSetUp]
    public void WithoutBlocks() => Engines.SolvesInBlocks = false;

    [OneTimeTearDown]
    public void WithBlocks() => Engines.SolvesInBlocks = true;
}

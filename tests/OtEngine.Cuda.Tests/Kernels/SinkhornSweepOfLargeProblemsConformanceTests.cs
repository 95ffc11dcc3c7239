using System.Numerics;
using NUnit.Framework;

namespace OtEngine.Tests.Backends;

/// <summary>The same sweeps by the kernels for problems that no single block holds, at sizes that a test can afford.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
public sealed class SinkhornSweepOfLargeProblemsConformanceTests<T> : SinkhornSweepConformance<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    [OneTimeSetUp]
    public void WithoutBlocks() => Engines.SolvesInBlocks = false;

    [OneTimeTearDown]
    public void WithBlocks() => Engines.SolvesInBlocks = true;
}

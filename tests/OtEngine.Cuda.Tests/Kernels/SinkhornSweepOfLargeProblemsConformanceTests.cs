using System.Numerics;
using NUnit.Framework;

namespace OtEngine.Tests.Backends;

/// <summary>The same sweeps by the kernels for problems that no single block holds, as graphs and on chip, at sizes that a test can afford.</summary>
[TestFixture(typeof(float), false)]
[TestFixture(typeof(double), false)]
[TestFixture(typeof(float), true)]
[TestFixture(typeof(double), true)]
public sealed class SinkhornSweepOfLargeProblemsConformanceTests<T>(bool onChip) : SinkhornSweepConformance<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    [OneTimeSetUp]
    public void WithoutBlocks() => (Engines.SolvesInBlocks, Engines.SweepsOnChip) = (false, onChip);

    [OneTimeTearDown]
    public void WithBlocks() => (Engines.SolvesInBlocks, Engines.SweepsOnChip) = (true, true);
}

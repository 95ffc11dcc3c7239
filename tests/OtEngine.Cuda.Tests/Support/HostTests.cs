using NUnit.Framework;

namespace OtEngine.Tests;

/// <summary>The base of tests that set faults and limits: they have a host device to themselves, on which none may leave anything alive.</summary>
public abstract class HostTests
{
    private protected static HostDevice Host => HostDevice.Copy!;

    [OneTimeSetUp]
    public void RequireHost()
    {
        if (HostDevice.Copy is null)
            Assert.Ignore(TestDevice.HowToBuild);
    }

    [TearDown]
    public void RequireNothingAlive()
    {
        Host.Reset();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(Host.Alive(), Is.Empty);
    }
}

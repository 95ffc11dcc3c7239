using NUnit.Framework;

namespace OtEngine.Tests;

/// <summary>The base of tests that set faults and limits: each fixture has a host device of its own, on which no test may leave anything alive.</summary>
public abstract class HostTests
{
    private HostDevice? _host;

    private protected HostDevice Host => _host!;

    [OneTimeSetUp]
    public void CopyHost() => _host = HostDevice.Copy();

    [OneTimeTearDown]
    public void DeleteHost() => _host?.Dispose();

    [TearDown]
    public void RequireNothingAlive()
    {
        Host.Reset();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(Host.Alive(), Is.Empty);
    }
}

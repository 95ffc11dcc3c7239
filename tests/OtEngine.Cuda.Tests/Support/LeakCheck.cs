using NUnit.Framework;

namespace OtEngine;

/// <summary>After all tests, once the engines they shared are disposed, nothing may be alive on the host device.</summary>
[SetUpFixture]
public sealed class LeakCheck
{
    [OneTimeTearDown]
    public void RequireNothingAlive()
    {
        OtEngine.Tests.Engines.Dispose();
        OtEngine.Tests.HostDevice.DeleteCopy();
        if (OtEngine.Tests.HostDevice.Default is not { } host)
            return;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(host.Alive(), Is.Empty);
    }
}

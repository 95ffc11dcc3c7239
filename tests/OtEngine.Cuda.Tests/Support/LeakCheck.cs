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
        if (OtEngine.Tests.TestDevice.HostLibrary is not { } library)
            return;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using OtEngine.Tests.HostDevice host = new(library);
        Assert.That(host.Alive(), Is.Empty);
    }
}

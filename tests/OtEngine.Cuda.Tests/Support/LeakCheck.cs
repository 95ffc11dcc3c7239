using NUnit.Framework;
using NUnit.Framework.Internal;
using OtEngine.Cuda.Tests.Ptx;

namespace OtEngine;

/// <summary>
/// After all tests, once the engines they shared are disposed, nothing may be alive on the host device; and where none was left out, every
/// entry of every kernel must have been launched.
/// </summary>
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
        using (Assert.EnterMultipleScope())
        {
            Assert.That(host.Alive(), Is.Empty);
            if (TestExecutionContext.CurrentContext is { CurrentResult.TotalCount: var run, CurrentTest.TestCaseCount: var all } && run == all)
                Assert.That(Entries().Where(entry => host.Launched(entry) == 0), Is.Empty, "no test launches these entries on the host device");
        }
    }

    private static IEnumerable<string> Entries() =>
        KernelFolder.PtxFiles.SelectMany(file => new PtxModule(KernelFolder.Ptx(file)).Entries).Select(entry => entry.Name).Distinct(StringComparer.Ordinal);
}

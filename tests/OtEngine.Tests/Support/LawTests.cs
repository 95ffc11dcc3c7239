using FsCheck.Fluent;
using NUnit.Framework;

namespace OtEngine.Tests.Support;

/// <summary>A helper that checks must itself be seen to fail.</summary>
public sealed class LawTests
{
    [Test]
    public void Holds_OneCaseInAThousandBreaksTheLaw_Throws() =>
        Assert.That(() => Law.Holds(Gen.Choose(1, 200), value => value != 117), Throws.Exception.With.Message.Contains("117"));

    [Test]
    public void Holds_Always_RunsTheAskedNumberOfCases()
    {
        int runs = 0;
        Law.Holds(Gen.Choose(1, 200), _ => ++runs > 0, count: 1000);
        Assert.That(runs, Is.EqualTo(1000));
    }
}

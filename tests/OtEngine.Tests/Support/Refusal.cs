using NUnit.Framework;

namespace OtEngine.Tests;

/// <summary>Asserts that an input is refused by the rule it breaks, in words that name what is wrong.</summary>
internal static class Refusal
{
    /// <param name="error">The rule.</param>
    /// <param name="code">What must be refused.</param>
    /// <param name="says">What the message must hold, such as the value.</param>
    public static void With(ProblemError error, Action code, string says = "")
    {
        ProblemException? refusal = Assert.Throws<ProblemException>(code);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refusal?.Error, Is.EqualTo(error), refusal?.Message);
            Assert.That(refusal?.Message, Does.Contain(says));
        }
    }

    /// <summary>The same, by less memory than any input of a size that must be refused would take.</summary>
    public static void WithoutAllocating(ProblemError error, Action code, string says = "")
    {
        // An exception, its message and the test's own machinery take a few kilobytes, also when compiled at this very call.
        const long Most = 1 << 20;
        long before = GC.GetAllocatedBytesForCurrentThread();
        With(error, code, says);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(Most));
    }
}

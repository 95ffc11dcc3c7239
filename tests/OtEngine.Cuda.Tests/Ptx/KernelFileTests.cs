using System.Text.RegularExpressions;
using NUnit.Framework;

namespace OtEngine.Cuda.Tests.Ptx;

/// <summary>How kernel files are written.</summary>
internal sealed partial class KernelFileTests
{
    private static readonly string[] Headings = ["Computes", "Mapping", "Traffic", "Numerics", "Launch"];

    public static string[] Families => KernelFolder.Families;

    [TestCaseSource(nameof(Families))]
    public void KernelFile_OpensWithItsFiveHeadings(string family) => Assert.That(OpeningHeadings(KernelFolder.Source(family)), Is.EqualTo(Headings));

    [TestCaseSource(nameof(Families))]
    public void InlineAssembly_IsInCommonAlone(string family) => Assert.That(Assembly().IsMatch(KernelFolder.Source(family)), Is.False);

    [Test]
    public void OpeningHeadings_OfAFileWithoutThem_AreNone()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(OpeningHeadings("#include \"common/device.cuh\"\n// Computes   too late\n"), Is.Empty);
            Assert.That(OpeningHeadings("// Copy.\n//\n// Computes   y = x\n//            and more\n// Traffic    one read\nint x;\n// Launch     any\n"), Is.EqualTo(["Computes", "Traffic"]));
        }
    }

    private static IEnumerable<string> OpeningHeadings(string source) => source.ReplaceLineEndings("\n")
        .Split('\n')
        .TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal))
        .Select(line => Heading().Match(line).Groups["word"].Value)
        .Where(word => Headings.Contains(word));

    [GeneratedRegex(@"^// (?<word>[A-Z][a-z]+) +\S", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\basm\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Assembly();
}

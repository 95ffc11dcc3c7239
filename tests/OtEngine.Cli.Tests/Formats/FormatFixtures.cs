using OtEngine.Cli.Formats;

namespace OtEngine.Cli.Tests.Formats;

/// <summary>Files that NumPy and Pillow wrote (tests/generate/make_format_fixtures.py), and the values they hold.</summary>
internal static class FormatFixtures
{
    public static readonly int[] Shape = [2, 3, 5];

    public static string PathOf(string file) => Path.Combine(TestContext.CurrentContext.TestDirectory, "data", "formats", file);

    /// <summary>Element k, row-major, of the arrays of a type; the formula of the script.</summary>
    public static double[] Values(string typeName)
    {
        var values = new double[30];
        for (int k = 0; k < values.Length; k++)
        {
            int residue = 7 * k % 23;
            values[k] = typeName switch
            {
                "bool" => residue % 3 == 0 ? 1 : 0,
                _ when typeName.StartsWith("uint", StringComparison.Ordinal) => residue,
                _ when typeName.StartsWith("int", StringComparison.Ordinal) => residue - 11,
                _ => (residue - 11) / 8.0,
            };
        }

        return values;
    }

    /// <summary>Asserts that reading throws the typed exception, whose one line names the file and has all the words.</summary>
    public static void AssertRefused(Action read, string file, params string[] words)
    {
        InputFileException e = Assert.Throws<InputFileException>(read)!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(e.Message, Does.StartWith(file));
            Assert.That(e.Message, Does.Not.Contain('\n').And.Not.Contain('\r'));
            foreach (string word in words)
                Assert.That(e.Message, Does.Contain(word));
        }
    }
}

using System.Reflection;
using NUnit.Framework;

namespace OtEngine.Tests.Samples;

/// <summary>The sample that the documents quote is run as it stands; its numbers can be checked by hand.</summary>
[NonParallelizable]
public sealed class QuickStartTests
{
    private const string Expected = """
        cost 4.5000, distance 2.1213, Converged
        optimum in [4.5000, 4.5000], relative gap 0.0000
          0.50 from x0 to y0
          0.50 from x1 to y1
        entropic cost 4.5360, Converged, exact optimum in [4.5000, 4.5360]
        slope at (1, 3): 2.0000, image (2, 2)
        goods cost 1.0000
        assignment cost 15.0000
          row 0 to column 0
          row 1 to column 2
          row 3 to column 1
        on the line 0.0833

        """;

    [Test]
    public void QuickStart_Run_PrintsTheKnownAnswers()
    {
        TextWriter console = Console.Out;
        using StringWriter output = new() { NewLine = "\n" };
        Console.SetOut(output);
        try
        {
            Assembly.Load("QuickStart").EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.That(output.ToString(), Is.EqualTo(Expected.ReplaceLineEndings("\n")));
    }
}

using System.Text.Json;

namespace OtEngine.Cli.Tests.Commands;

/// <summary>One run of <c>ot</c> within this process.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CliRun(int Code, string Out, string Error)
{
    /// <summary>The one JSON object on standard output.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement.Clone();

    public static CliRun Of(params string[] args) => Of(CancellationToken.None, args);

    public static CliRun Of(CancellationToken interrupted, params string[] args)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int code = CommandLineRunner.Run(args, new Terminal(output, error, IsOutInteractive: false, IsErrorInteractive: false, interrupted));
        return new CliRun(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs with <c>--json</c>, and asserts that it was answered with one JSON object and nothing else.</summary>
    public static JsonElement Answer(params string[] args)
    {
        CliRun run = Of([.. args, "--json"]);
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Code, Is.Zero);
        Assert.That(run.Out.TrimEnd('\n', '\r'), Does.Not.Contain('\n'));
        return run.Json;
    }

    /// <summary>Asserts that the run is refused: an exit code, nothing on standard output, and one line that has all the words.</summary>
    public static void AssertRefused(int code, string[] args, params string[] words)
    {
        CliRun run = Of(args);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Code, Is.EqualTo(code), run.Error);
            Assert.That(run.Out, Is.Empty);
            Assert.That(run.Error.TrimEnd('\n', '\r'), Does.StartWith("ot").And.Not.Contain('\n'));
            foreach (string word in words)
                Assert.That(run.Error, Does.Contain(word));
        }
    }
}
